import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// A journal that is written or read in a mistaken order.
struct PlantedJournal: Journal {
    let base: any Journal
    let mistake: Mistake
    let memory: PlantedMemory
    let broker: any Broker

    var id: String { base.id }
    var reader: any JournalReader {
        PlantedReader(base: base.reader, mistake: mistake, memory: memory)
    }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        memory.withContents { $0.inbox.formUnion(entries.map(\.id)) }
        let isNew = try await base.receive(entries)
        return mistake == .noDeduplication ? entries.map { _ in true } : isNew
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        memory.withContents { contents in
            for case .enqueue(let row) in writes { contents.outbox.insert(row.event) }
        }
        switch mistake {
        case .failedNeverEnds where writes.contains(where: \.endsRestore): return
        case .effectBeforeIntent:
            let earlier = memory.withContents { contents in
                defer { contents.writes = writes.isOnlyIntent ? contents.writes + writes : [] }
                return contents.writes
            }
            guard !writes.isOnlyIntent else { return }
            try await base.commit(earlier + writes, under: claim)
        case .publishBeforeCommit:
            let rows = writes.compactMap(\.row)
            if !rows.isEmpty { _ = await broker.publish(rows.map(Publication.init)) }
            try await base.commit(writes, under: claim)
        case .outcomeApartFromOutbox: try await commit(writes, claim) { $0.row != nil }
        case .outboxBeforeOutcome: try await commit(writes, claim) { $0.row == nil }
        case .debtApart: try await commit(writes, claim, last: \.isDebt)
        case .noDeduplication:
            let forgetful = writes.map { write in
                if case .handled(let id) = write { return JournalWrite.forget(id) }
                return write
            }
            try await base.commit(forgetful, under: claim)
        default: try await base.commit(writes, under: claim)
        }
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    /// Commits the writes that `isLast` names in a commit of their own, behind the others.
    private func commit(
        _ writes: [JournalWrite],
        _ claim: Claim?,
        last isLast: (JournalWrite) -> Bool
    ) async throws(JournalFailure) {
        let first = writes.filter { !isLast($0) }
        let last = writes.filter(isLast)
        if !first.isEmpty { try await base.commit(first, under: claim) }
        if !last.isEmpty { try await base.commit(last, under: claim) }
    }
}

extension Publication {
    fileprivate init(_ row: OutboxRow) {
        self.init(
            exchange: SagaBus.events,
            routingKey: SagaBus.routingKey(of: row.type, urgent: row.isUrgent),
            body: row.body,
            properties: EventProperties(
                messageID: row.event.text,
                type: row.type.name,
                correlationID: row.rotation?.text
            )
        )
    }
}

extension JournalWrite {
    fileprivate var row: OutboxRow? {
        if case .enqueue(let row) = self { row } else { nil }
    }

    fileprivate var isDebt: Bool {
        if case .debt = self { true } else { false }
    }

    fileprivate var endsRestore: Bool {
        if case .append(.finished(.restore, _), _) = self { true } else { false }
    }
}

extension [JournalWrite] {
    /// Whether nothing follows on the intent of a deed.
    fileprivate var isOnlyIntent: Bool {
        if case .append(.intended, _) = last { true } else { false }
    }
}

import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts

/// The journal as a worker reaches it: what it commits is looked at.
struct SimulatedJournal: Journal {
    let world: SimulatedWorld

    private var base: InMemoryJournal { world.journal }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try Life.checkJournal()
        return try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try Life.checkJournal()
        try await base.commit(writes, under: claim)
        var touched: [SimulatedSecret] = []
        for write in writes {
            switch write {
            case .append(let event, let state):
                guard let secret = world.secret(state.plan.credential) else { continue }
                world.appended(event, state, to: secret)
                if touched.last !== secret { touched.append(secret) }
            case .debt(let debt):
                world.secret(debt.credential)?.change { state in
                    if debt.isPaid {
                        state.debts.remove(debt.account)
                    } else {
                        state.debts.insert(debt.account)
                    }
                }
            default: break  // The others say nothing about a secret.
            }
        }
        for secret in touched { world.look(at: secret, after: "journal.commit") }
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try Life.checkJournal()
        return try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try Life.checkJournal()
        try await base.release(claim)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try Life.checkJournal()
        return try await base.prune(before: date, limit: limit)
    }
}

extension SimulatedWorld {
    /// An event of a rotation is in the journal.
    fileprivate func appended(
        _ event: RotationEvent,
        _ rotation: Rotation,
        to secret: SimulatedSecret
    ) {
        let name = secret.definition.id.text
        let before = secret.seen.rotation
        secret.change { $0.rotation = rotation }
        note("\(name) \(rotation.number) \(rotation.step)\(rotation.end.map { " \($0)" } ?? "")")
        if case .accepted(_, _, let requester, _) = event {
            judge.begun(rotation, of: secret, by: requester, clock)
            impediments.end("given up", at: name, clock.elapsed)
        }
        if case .finished(.complete, _) = event {
            judge.completed(rotation, of: secret, on: clock.now)
        }
        if rotation.end != nil, before?.end == nil {
            judge.ended(rotation, of: secret, at: clock.elapsed)
            impediments.end("stuck", at: name, clock.elapsed)
            impediments.end("waits for an approval", at: name, clock.elapsed)
        }
        if rotation.stuckReason != nil, before?.stuckReason == nil {
            impediments.begin("stuck", at: name, clock.elapsed)
        } else if rotation.stuckReason == nil, before?.stuckReason != nil {
            impediments.end("stuck", at: name, clock.elapsed)
        }
        if rotation.awaitsApproval, before?.awaitsApproval != true {
            impediments.begin("waits for an approval", at: name, clock.elapsed)
        } else if !rotation.awaitsApproval, before?.awaitsApproval == true {
            impediments.end("waits for an approval", at: name, clock.elapsed)
        }
    }
}

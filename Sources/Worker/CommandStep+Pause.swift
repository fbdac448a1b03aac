import Logging
import RekeyCore
import RekeyPorts

// Routine rotations stop, or go on.
extension CommandStep {
    /// Pauses credentials or lets them go on: all of them, or none where one cannot be adopted.
    ///
    /// Of a large environment that is at work some record is always being replaced: it is written
    /// in parts, and only a part of which that is true is read again. The last part's commit holds
    /// the answer, and until then the command is in the inbox: after a crash it does the rest.
    func pause(
        _ isPaused: Bool,
        _ definitions: [CredentialDefinition],
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        var records: [CredentialRecord] = []
        for definition in definitions {
            do {
                let record = try await record(of: definition)
                if record.isPaused != isPaused { records.append(record) }
            } catch let failure as StepFailure {
                return try await refuse(order, "\(definition.id): \(failure.reason)")
            }
        }
        guard !records.isEmpty else {
            return try await refuse(order, isPaused ? "paused already" : "not paused")
        }
        let ending: [JournalWrite] = [
            .enqueue(answer(order, nil, about: nil)), .handled(order.entry),
        ]
        var left = records[...]
        while !left.isEmpty {
            let part = left.prefix(Self.pausedAtOnce)
            left = left.dropFirst(part.count)
            let others = left.isEmpty ? ending : [.waiting(order.entry)]
            try await pause(isPaused, Array(part), and: others)
        }
        logger.notice("a command was carried out", metadata: metadata(order))
        return .advanced
    }

    private func pause(
        _ isPaused: Bool,
        _ records: [CredentialRecord],
        and others: [JournalWrite]
    ) async throws {
        var records = records
        var areReplaced = false
        try await journal.redeciding {
            if areReplaced {
                for (index, record) in records.enumerated() {
                    records[index] = try await journal.reader.credential(record.id) ?? record
                }
            }
            areReplaced = true
            let changed = records.filter { $0.isPaused != isPaused }.map { record in
                var record = record
                record.isPaused = isPaused
                return JournalWrite.credential(record)
            }
            try await journal.commit(changed + others, under: nil)
        }
    }

    /// How many records one commit changes.
    private static let pausedAtOnce = 64
}

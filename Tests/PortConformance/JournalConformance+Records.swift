import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let records: [JournalConformance] = [
        JournalConformance("a credential's record is replaced") { bench async throws in
            let now = bench.clock.now
            var record = CredentialRecord(
                id: "db",
                sequence: 1,
                account: "app_a",
                adoptedAt: now,
                expiresAt: now + 1 / 3
            )
            let other = CredentialRecord(id: "cache", adoptedAt: now, isPaused: true)
            try await bench.commit(.credential(record), .credential(other))
            #expect(try await bench.reader.credential("db") == record.written)
            record = record.written
            record.sequence = 2
            record.dueAt = now + 0.1
            try await bench.commit(.credential(record))
            #expect(try await bench.reader.credential("db") == record.written)
            #expect(try await bench.reader.credentials() == [other.written, record.written])
        },
        JournalConformance("a debt is one per credential and account, until paid") {
            bench async throws in
            let now = bench.clock.now
            let debts = ["a", "b"].map { Sample.debt(AccountID($0), at: now) }
            try await bench.commit(.debt(debts[0]), .debt(debts[1]))
            #expect(try await bench.reader.debts(unpaidOnly: true) == debts)
            var paid = debts[0]
            paid.isPaid = true
            try await bench.commit(.debt(paid))
            #expect(try await bench.reader.debts(unpaidOnly: true) == [debts[1]])
            #expect(try await bench.reader.debts(unpaidOnly: false) == [paid, debts[1]])
            let credential = debts[1].credential
            #expect(try await bench.reader.unpaidDebts(of: credential) == [debts[1]])
            #expect(try await bench.reader.unpaidDebts(of: "another").isEmpty)
        },
        JournalConformance("a chain of digests, where there is one, moves with each event") {
            bench in
            var state = try await bench.begin("r1")
            for _ in 1...3 {
                let next = Sample.event(after: state, at: bench.clock.now)
                try await bench.commit(.append(next.0, state: next.1))
                state = next.1
            }
            let digests = try await bench.reader.history(of: "r1").map(\.digest)
            #expect(digests.count == 4)
            if digests.contains(where: { !$0.isEmpty }) {
                #expect(Set(digests).count == 4)
                #expect(digests.allSatisfy { $0.count == 64 })
            }
        },
    ]
}

extension Sample {
    static func debt(
        _ account: AccountID,
        isPaid: Bool = false,
        at date: Date
    ) -> Debt {
        Debt(
            credential: "db",
            target: "postgres",
            account: account,
            rotation: "r1",
            since: date,
            isPaid: isPaid
        )
    }

    /// Events that end a rotation, each with the state after it.
    static func ended(
        _ rotation: Rotation,
        at date: Date
    ) -> [(RotationEvent, Rotation)] {
        let end = follow(rotation, with: .abandoned(by: "user:anne", at: date))
        precondition(end.1.isOver, "an abandoned rotation is over")
        return [end]
    }
}

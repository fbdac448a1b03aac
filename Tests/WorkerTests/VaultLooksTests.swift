import Foundation
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyWorker

/// When the sweeper reads vaults though nothing is due by what it knows.
@Suite struct `Looks at vaults` {
    private static let day = 86_400.0
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func definition(thresholdDays: Double) -> CredentialDefinition {
        CredentialDefinition(
            id: "orders",
            strategy: .valueOnly,
            target: nil,
            staging: SecretReference(vault: "staging", name: "staged"),
            carriers: [PlannedCarrier(SecretReference(vault: "app", name: "a"), format: .bare)],
            policy: RotationPolicy(
                lifetimeSeconds: 300 * day,
                thresholdSeconds: thresholdDays * day,
                graceSeconds: 0
            )
        )
    }

    /// Ends in a hundred days, and was due by a threshold of two weeks.
    private static var record: CredentialRecord {
        var record = CredentialRecord(id: "orders", adoptedAt: now)
        record.expiresAt = now + 100 * day
        record.dueAt = now + 86 * day
        return record
    }

    @Test(arguments: [(14.0, false), (7, false), (60, true)])
    func `come at once where the policy has it rotate earlier than was known`(
        thresholdDays: Double,
        isDue: Bool
    ) {
        let looks = VaultLooks()
        let definition = Self.definition(thresholdDays: thresholdDays)
        #expect(looks.isDue(definition, Self.record, at: Self.now) == isDue)
        // Until one has succeeded.
        #expect(looks.isDue(definition, Self.record, at: Self.now) == isDue)
        looks.looked(definition.id, at: Self.now)
        #expect(!looks.isDue(definition, Self.record, at: Self.now + 1))
        #expect(looks.isDue(definition, Self.record, at: Self.now + Self.day))
    }

    @Test func `come once a day, and not all at once`() {
        let looks = VaultLooks()
        let definition = Self.definition(thresholdDays: 14)
        let hours = (0..<72).filter { hour in
            let now = Self.now + Double(hour) * 3_600
            guard looks.isDue(definition, Self.record, at: now) else { return false }
            looks.looked(definition.id, at: now)
            return true
        }
        #expect(hours.count == 3)
        #expect(hours.first != 0)
        #expect(hours.dropFirst().map { $0 - 24 } == hours.dropLast())
    }

    // A worker that was started anew every eight hours came to two thirds of the secrets never.
    @Test func `come once a day though no worker lives that long`() {
        let definition = Self.definition(thresholdDays: 14)
        var looks = VaultLooks()
        let hours = (0..<72).filter { hour in
            if hour % 8 == 0 { looks = VaultLooks() }
            let now = Self.now + Double(hour) * 3_600
            guard looks.isDue(definition, Self.record, at: now) else { return false }
            looks.looked(definition.id, at: now)
            return true
        }
        #expect(Set(hours.map { $0 / 24 }) == [0, 1, 2])
    }

    @Test func `are not held off by a date that was put back`() {
        let looks = VaultLooks()
        let definition = Self.definition(thresholdDays: 14)
        looks.looked(definition.id, at: Self.now)
        #expect(looks.isDue(definition, Self.record, at: Self.now - 30 * Self.day))
    }
}

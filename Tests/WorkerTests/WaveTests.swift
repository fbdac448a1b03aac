import Foundation
import InMemoryVault
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

@testable import RekeyWorker

@Suite struct `A wave of first rotations` {
    /// For whom a sweep asked.
    private final class Asked: Sendable {
        private let names = Mutex<[CredentialID]>([])

        func note(_ id: CredentialID) { names.withLock { $0.append(id) } }

        /// Since it was asked last.
        func take() -> [CredentialID] {
            names.withLock { names in
                defer { names = [] }
                return names
            }
        }
    }

    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day = 86_400.0

    /// Opens at eight in the evening; the first sweep is at eight in the morning.
    private static let evening = MaintenanceWindow(
        zone: "UTC",
        days: Set(MaintenanceWindow.Weekday.allCases),
        opensAtMinute: 20 * 60,
        closesAtMinute: 21 * 60,
        onMissed: .next
    )

    private let clock = VirtualClock(start)
    private let vault = InMemoryVault(name: "app") { start }
    private let asked = Asked()

    /// Of each some, with the days until it ends: due for as long as it takes.
    private func sweeper(
        _ secrets: [(name: String, days: Double, window: MaintenanceWindow?)],
        perSweep: Int
    ) async throws -> Sweeper {
        var definitions: [CredentialDefinition] = []
        for secret in secrets {
            let name = SecretName(secret.name)
            let end = Self.start + secret.days * Self.day
            let entry = VaultEntry(value: Secret(copying: "old".utf8), expires: end)
            _ = try await vault.write(entry, as: name)
            definitions.append(
                CredentialDefinition(
                    id: CredentialID(secret.name),
                    strategy: .valueOnly,
                    target: nil,
                    staging: SecretReference(vault: "staging", name: name),
                    carriers: [PlannedCarrier(SecretReference(vault: "app", name: name))],
                    policy: RotationPolicy(thresholdSeconds: 30 * Self.day),
                    window: secret.window
                )
            )
        }
        return .alone(over: definitions, in: ["app": vault], clock, perSweep: perSweep) {
            [asked] in asked.note($0)
        }
    }

    // They went by when they were due, or by name.
    @Test func `begins with what ends first`() async throws {
        let sweeper = try await sweeper(
            [("a", 9, nil), ("b", 3, nil), ("c", 20, nil), ("d", 1, nil)],
            perSweep: 2
        )
        #expect(await sweeper.sweep())
        #expect(asked.take() == ["d", "b"])
    }

    // One that its window put off was asked for in the place of another, and then came last.
    @Test func `keeps no place for what its window puts off`() async throws {
        let sweeper = try await sweeper(
            [("a", 2, Self.evening), ("b", 3, Self.evening), ("c", 9, nil), ("d", 10, nil)],
            perSweep: 1
        )
        #expect(await sweeper.sweep())
        #expect(asked.take() == ["c"])
        let opening = Self.start + 12 * 3_600
        #expect(try await sweeper.journal.reader.credential("b")?.dueAt == opening)
        clock.advance(to: opening + 60)
        #expect(await sweeper.sweep())
        #expect(asked.take() == ["a"])
    }
}

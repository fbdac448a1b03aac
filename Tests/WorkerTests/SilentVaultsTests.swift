import Foundation
import InMemoryVault
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `A vault that does not answer` {
    /// Lets a call's time pass, and then fails.
    private final class SilentVault: Vault {
        private static let timeoutSeconds = 30.0
        private let clock: VirtualClock
        private let failure: StepFailure
        private let asked = Mutex<[SecretName]>([])

        init(_ clock: VirtualClock, _ failure: StepFailure) {
            self.clock = clock
            self.failure = failure
        }

        var names: [SecretName] { asked.withLock(\.self) }

        func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
            asked.withLock { $0.append(name) }
            clock.advance(to: clock.now + Self.timeoutSeconds)
            throw failure
        }

        func version(
            _ id: VersionID,
            of name: SecretName
        ) async throws(StepFailure) -> VaultVersion? {
            throw failure
        }

        func write(
            _ entry: VaultEntry,
            as name: SecretName
        ) async throws(StepFailure) -> VersionID { throw failure }

        func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
            throw failure
        }

        func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
            throw failure
        }
    }

    private static func sweeper(
        _ vaults: [VaultName: any Vault],
        _ clock: VirtualClock
    ) -> Sweeper {
        let names: [(VaultName, SecretName)] = [
            ("app", "a"), ("app", "b"), ("app", "c"), ("app", "d"), ("other", "z"),
        ]
        let definitions = names.map { vault, name in
            CredentialDefinition(
                id: CredentialID(name.text),
                strategy: .valueOnly,
                target: nil,
                staging: SecretReference(vault: "staging", name: name),
                carriers: [PlannedCarrier(SecretReference(vault: vault, name: name), format: .bare)]
            )
        }
        return .alone(over: definitions, in: vaults, clock)
    }

    // Each of its secrets was waited for, and with them all others, and whatever is to be woken.
    @Test(arguments: [(StepFailure.Kind.transient, 2), (.permanent, 4)])
    func `keeps no other's secrets from their turn`(
        kind: StepFailure.Kind,
        calls: Int
    ) async throws {
        let clock = VirtualClock(Date(timeIntervalSince1970: 1_800_000_000))
        let silent = SilentVault(clock, StepFailure(kind, "no answer"))
        let other = InMemoryVault(name: "other")
        _ = try await other.write(VaultEntry(value: Secret(copying: "z".utf8)), as: "z")
        let sweeper = Self.sweeper(["app": silent, "other": other], clock)
        #expect(await sweeper.sweep())
        #expect(silent.names == ["a", "b", "c", "d"].prefix(calls).map { SecretName($0) })
        #expect(try await sweeper.journal.reader.credential("z") != nil)
        // The next round comes to it again.
        #expect(await sweeper.sweep())
        #expect(silent.names.count == 2 * calls)
    }
}

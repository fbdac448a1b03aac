import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// When a credential's vaults are read though nothing is due by its record.
///
/// The record goes by what was read last, with the policy of that time. Somebody may have changed
/// the policy since, or have given the secret an earlier end, whose event was lost.
final class VaultLooks: Sendable {
    /// Each credential's vaults are read as often at the least.
    static let periodSeconds: Double = 86_400
    /// Dates that were written and read again differ by less.
    private static let toleranceSeconds: Double = 1

    private let nextLooks = Mutex<[CredentialID: Date]>([:])

    /// Whether it is time for a look at what `record` is about; it stays so until `looked`.
    ///
    /// Of a credential that this process has not met, that is so where its policy would have it
    /// rotate earlier than the record says; the daily looks are spread over the first day.
    func isDue(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord,
        at now: Date
    ) -> Bool {
        nextLooks.withLock { nextLooks in
            guard let next = nextLooks[definition.id] else {
                if Self.isOutdated(record, by: definition) { return true }
                nextLooks[definition.id] = now + Self.share(of: definition.id) * Self.periodSeconds
                return false
            }
            // A date that was put back would hold it off for longer.
            return next <= now || next > now + Self.periodSeconds + Self.toleranceSeconds
        }
    }

    func looked(_ id: CredentialID, at now: Date) {
        nextLooks.withLock { $0[id] = now + Self.periodSeconds }
    }

    private static func isOutdated(
        _ record: CredentialRecord,
        by definition: CredentialDefinition
    ) -> Bool {
        guard let due = record.dueAt, let end = record.expiresAt else { return false }
        return end - definition.policy.thresholdSeconds < due - toleranceSeconds
    }

    /// From 0 to 1, the same for a name each time: FNV-1a.
    private static func share(of id: CredentialID) -> Double {
        let hash = id.text.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Double(hash) / Double(UInt32.max)
    }
}

import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// When a credential's vaults are read though nothing is due by its record.
///
/// The record goes by what was read last, with the policy of that time. Somebody may have changed
/// the policy since, or have given the secret an earlier end, whose event was lost.
final class VaultLooks: Sendable {
    /// Each credential's vaults are read once in each period, at a time of day of its own: a worker
    /// that is started anew more often than that comes to each of them all the same.
    static let periodSeconds: Double = 86_400
    /// What came due just before a worker started, another may not have come to any more.
    static let overlapSeconds: Double = 3_600
    /// Dates that were written and read again differ by less.
    private static let toleranceSeconds: Double = 1

    private let lastLooks = Mutex<[CredentialID: Date]>([:])

    /// Whether it is time for a look at what `record` is about; it stays so until `looked`.
    ///
    /// Of a credential that this process has not met, that is so where its policy would have it
    /// rotate earlier than the record says.
    func isDue(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord,
        at now: Date
    ) -> Bool {
        lastLooks.withLock { lastLooks in
            if lastLooks[definition.id] == nil {
                if Self.isOutdated(record, by: definition) { return true }
                lastLooks[definition.id] = now - Self.overlapSeconds
            }
            guard let last = lastLooks[definition.id] else { return true }
            // A date that was put back would hold it off for longer.
            return last < Self.latestTurn(of: definition.id, at: now)
                || last > now + Self.toleranceSeconds
        }
    }

    func looked(_ id: CredentialID, at now: Date) {
        lastLooks.withLock { $0[id] = now }
    }

    private static func isOutdated(
        _ record: CredentialRecord,
        by definition: CredentialDefinition
    ) -> Bool {
        guard let due = record.dueAt, let end = record.expiresAt else { return false }
        return end - definition.policy.thresholdSeconds < due - toleranceSeconds
    }

    /// When the credential's time of day was last.
    private static func latestTurn(of id: CredentialID, at now: Date) -> Date {
        let sinceTurn = now.timeIntervalSince1970 - share(of: id) * periodSeconds
        return now - (sinceTurn - (sinceTurn / periodSeconds).rounded(.down) * periodSeconds)
    }

    /// From 0 to 1, the same for a name each time: FNV-1a.
    private static func share(of id: CredentialID) -> Double {
        let hash = id.text.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Double(hash) / Double(UInt32.max)
    }
}

import CrashSupport
import RealParts
import RekeyCore
import StandInParts

// What the outside systems' own logs say about the changes, replayed in their order.
extension ProcessLedger {
    private static let first = "first"

    func replayLogs(_ seen: inout Seen) throws {
        let names = [world.name] + [world.file.applicationID].compactMap(\.self)
        let changes = try parts.azureLog.changes(of: names)
        replayVault(changes, &seen)
        switch world.file.strategy {
        case .replace, .alternate: try replayRoles(world.file.postgres?.accounts ?? [], &seen)
        case .dualKey: try replayKeys(&seen)
        case .addThenRemove:
            replayApplication(changes, &seen)
            try replayRunbook(changes, &seen)
        case .valueOnly: break  // The vault's log is all there is.
        }
    }

    /// By the stand-in's log: one version more in each carrier, two in one that held both values.
    private func replayVault(_ changes: [StandIn.Change], _ seen: inout Seen) {
        for carrier in world.definition.carriers {
            let written = changes.count {
                $0.vault == world.name && $0.changed?.kind == "secretVersion"
                    && $0.changed?.name == carrier.reference.name.text
            }
            let expected = carrier.audience == .verifiers ? 2 : 1
            let name = carrier.reference.name
            let times = written - 1
            seen.expect(times == expected, "by the log \(name) was written \(times) times")
        }
    }

    /// By the stand-in's log: after each change the carrier's latest value is accepted, and each
    /// value that was made is in the vault, or was withdrawn.
    private func replayApplication(_ changes: [StandIn.Change], _ seen: inout Seen) {
        var accepted: [String: String] = [:]
        var latest: String?
        var stored: Set<String> = []
        for change in changes {
            guard let changed = change.changed else { continue }
            switch changed.kind {
            case "passwordAdded" where changed.appId == world.file.applicationID:
                accepted[changed.keyId ?? ""] = changed.digest
            case "passwordRemoved" where changed.appId == world.file.applicationID:
                // The first was there before the log began.
                let isKnown = accepted[changed.keyId ?? ""] != nil
                accepted[isKnown ? changed.keyId ?? "" : Self.first] = nil
            case "secretVersion" where change.vault == world.name:
                stored.insert(changed.digest ?? "")
                guard changed.name == WorldFile.secret else { continue }
                if latest == nil { accepted[Self.first] = changed.digest }
                latest = changed.digest
            default: continue
            }
            guard let latest else { continue }
            seen.expect(
                accepted.values.contains(latest),
                "by the log the carrier's latest value is not accepted"
            )
        }
        seen.expect(accepted.count == 1, "by the log \(accepted.count) are accepted")
        seen.expect(stored.isSuperset(of: accepted.values), "by the log a value is lost")
    }

    /// By the stand-in's log: the runbook ran once, and was handed the carrier's latest value.
    private func replayRunbook(_ changes: [StandIn.Change], _ seen: inout Seen) throws {
        let latest = changes.last { $0.vault == world.name && $0.changed?.name == WorldFile.secret }
        let digest = latest?.changed?.digest ?? ""
        let jobs = try parts.azureLog.changes(of: [digest]).count { $0.changed?.kind == "job" }
        seen.expect(jobs == 1, "by the log the runbook was handed the value \(jobs) times")
    }

    /// By the provider's log: the old key ends after the last value of the new one was made.
    private func replayKeys(_ seen: inout Seen) throws {
        guard let path = world.file.keys else { return }
        let lines = try LoggedKeys(path: path).lines()
        let made = lines.dropFirst(2)
        let ended = made.firstIndex { $0.slot == "key1" }
        let begun = made.lastIndex { $0.slot == "key2" }
        let isOrdered = ended.flatMap { end in begun.map { $0 < end } } ?? false
        seen.expect(isOrdered, "by the log the old key did not end after the new one began")
        let ends = made.count { $0.slot == "key1" }
        seen.expect(ends == 1, "by the log the old key was ended \(ends) times")
    }

    /// By PostgreSQL's log: one role's password changes once, or the old role ends once, after the
    /// new one was given its password.
    private func replayRoles(_ accounts: [String], _ seen: inout Seen) throws {
        let lines = try parts.roleLog.changes(of: accounts)
        guard accounts.count == 2 else {
            let changed = lines.count { $0.contains("\"\(accounts[0])\" PASSWORD") }
            seen.expect(changed == 1, "by the log the password was changed \(changed) times")
            let isLost = lines.contains { $0.contains("NOLOGIN") }
            seen.expect(!isLost, "by the log the role was ended")
            return
        }
        let ended = lines.firstIndex { $0.contains("\"\(accounts[0])\" NOLOGIN PASSWORD NULL") }
        let begun = lines.firstIndex { $0.contains("\"\(accounts[1])\" LOGIN PASSWORD") }
        let isOrdered = ended.flatMap { end in begun.map { $0 < end } } ?? false
        seen.expect(isOrdered, "by the log the old role did not end after the new one began")
        let isLost = lines.contains { $0.contains("\"\(accounts[1])\" NOLOGIN PASSWORD NULL") }
        seen.expect(!isLost, "by the log the new role was ended")
    }
}

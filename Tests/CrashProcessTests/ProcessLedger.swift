import AzureKeyVault
import CrashSupport
import Foundation
import RealParts
import RekeyCore
import RekeyPorts

/// What has to hold of a world whose rotation is over, by its target and by the outside logs.
struct ProcessLedger: Sendable {
    let world: ProcessWorld
    let parts: ProcessParts

    private static let first = "first"

    struct Seen: Sendable {
        var checks = 0
        var violations: [String] = []

        /// Notes one look, and what is wrong unless it holds.
        mutating func expect(_ holds: Bool, _ wrong: @autoclosure () -> String) {
            checks += 1
            if !holds { violations.append(wrong()) }
        }
    }

    func look() async throws -> Seen {
        var seen = Seen()
        let rotation = try await world.rotation()
        let end = rotation?.end?.rawValue ?? "open"
        let why = rotation?.stuckReason ?? rotation?.gaveUpReason ?? ""
        seen.expect(rotation?.end == .closed, "it ended as \(end): \(why)")
        seen.expect(try await world.isOver(), "something is left to do")
        seen.expect(try await world.debts().isEmpty, "debts are unpaid")
        let secret = SecretName(WorldFile.secret)
        guard let latest = try await world.vault.latest(secret) else {
            seen.expect(false, "the carrier is empty")
            return seen
        }
        let held = world.workload.held?.versions.first?.version
        seen.expect(latest.id == rotation?.carriers.first?.latest, "not as recorded")
        seen.expect(held == latest.id, "the workload holds an old version")
        let current = try await world.credential(latest.id)
        seen.expect(try await world.target.accepts(current), "the latest is not accepted")
        let accepted = try await world.acceptedCount()
        seen.expect(accepted == 1, "\(accepted) are accepted at the end")
        let names = [world.name] + [world.file.applicationID].compactMap(\.self)
        let changes = try parts.azure.changes(of: names)
        replayVault(changes, &seen)
        if let postgres = world.file.postgres {
            try replayRoles(postgres.accounts, &seen)
        } else {
            replayApplication(changes, &seen)
            try replayRunbook(changes, &seen)
        }
        return seen
    }

    /// By the stand-in's log: one version more in the carrier.
    private func replayVault(_ changes: [StandIn.Change], _ seen: inout Seen) {
        let written = changes.count {
            $0.vault == world.name && $0.changed?.kind == "secretVersion"
                && $0.changed?.name == WorldFile.secret
        }
        seen.expect(written == 2, "by the log the carrier was written \(written - 1) times")
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
        let jobs = try parts.azure.changes(of: [digest]).count { $0.changed?.kind == "job" }
        seen.expect(jobs == 1, "by the log the runbook was handed the value \(jobs) times")
    }

    /// By PostgreSQL's log: the old role ends once, after the new one was given its password.
    private func replayRoles(_ accounts: [String], _ seen: inout Seen) throws {
        let lines = try parts.roleLog.changes(of: accounts)
        let ended = lines.firstIndex { $0.contains("\"\(accounts[0])\" NOLOGIN PASSWORD NULL") }
        let begun = lines.firstIndex { $0.contains("\"\(accounts[1])\" LOGIN PASSWORD") }
        let isOrdered = ended.flatMap { end in begun.map { $0 < end } } ?? false
        seen.expect(isOrdered, "by the log the old role did not end after the new one began")
        let isLost = lines.contains { $0.contains("\"\(accounts[1])\" NOLOGIN PASSWORD NULL") }
        seen.expect(!isLost, "by the log the new role was ended")
    }
}

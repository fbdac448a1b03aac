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

    func violations() async throws -> [String] {
        var wrong: [String] = []
        let (rotation, isIdle) = try await world.rotation()
        if rotation?.end != .closed || !isIdle {
            let why = rotation?.stuckReason ?? rotation?.gaveUpReason ?? ""
            wrong.append("it ended as \(rotation?.end?.rawValue ?? "open"): \(why)")
        }
        if try await !world.debts().isEmpty { wrong.append("debts are unpaid") }
        let latest = try await world.vault.latest(SecretName(WorldFile.secret))
        guard let latest else { return wrong + ["the carrier is empty"] }
        if latest.id != rotation?.carriers.first?.latest { wrong.append("not as recorded") }
        if world.workload.held?.versions.first?.version != latest.id {
            wrong.append("the workload holds an old version")
        }
        let current = try await world.credential(latest.id)
        if try await !world.target.accepts(current) { wrong.append("the latest is not accepted") }
        let accepted = try await world.target.inspect(current: current).accepted
        if accepted.count != 1 { wrong.append("\(accepted.count) are accepted at the end") }
        let changes = try parts.azure.changes()
        wrong += replayedVault(changes)
        wrong += world.file.postgres == nil ? replayedApplication(changes) : try replayedRoles()
        return wrong
    }

    /// By the stand-in's log: one version more in the carrier.
    private func replayedVault(_ changes: [StandIn.Change]) -> [String] {
        let written = changes.filter {
            $0.vault == world.name && $0.changed?.kind == "secretVersion"
                && $0.changed?.name == WorldFile.secret
        }
        return written.count == 2 ? [] : ["the carrier was written \(written.count - 1) times"]
    }

    /// By the stand-in's log: after each change the carrier's latest value is accepted, and each
    /// value that was made is in the vault, or was withdrawn.
    private func replayedApplication(_ changes: [StandIn.Change]) -> [String] {
        var wrong: [String] = []
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
            if let latest, !accepted.values.contains(latest) {
                wrong.append("by the log the carrier's latest value is not accepted")
            }
        }
        if accepted.count != 1 { wrong.append("by the log \(accepted.count) are accepted") }
        if !stored.isSuperset(of: accepted.values) { wrong.append("by the log a value is lost") }
        return wrong
    }

    /// By PostgreSQL's log: the old role ends once, after the new one was given its password.
    private func replayedRoles() throws -> [String] {
        let accounts = world.file.postgres?.accounts ?? []
        let lines = parts.postgres.log.split(separator: "\n").filter { $0.contains("ALTER ROLE") }
        let ended = lines.indices.filter {
            lines[$0].contains("\"\(accounts[0])\" NOLOGIN PASSWORD NULL")
        }
        let begun = lines.indices.filter {
            lines[$0].contains("\"\(accounts[1])\" LOGIN PASSWORD")
        }
        guard let end = ended.first, let begin = begun.first, begin < end else {
            return ["by the log the old role did not end after the new one began"]
        }
        let lost = lines.contains { $0.contains("\"\(accounts[1])\" NOLOGIN PASSWORD NULL") }
        return lost ? ["by the log the new role was ended"] : []
    }
}

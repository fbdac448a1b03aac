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

    struct Seen: Sendable {
        var checks = 0
        var gap: ProcessGap?
        var violations: [String] = []

        /// Notes one look, and what is wrong unless it holds.
        mutating func expect(_ holds: Bool, _ wrong: @autoclosure () -> String) {
            checks += 1
            if !holds { violations.append(wrong()) }
        }
    }

    /// Looks at the end, and judges what was refused until then.
    func look(at refusals: [ProcessObserver.Refusal]) async throws -> Seen {
        var seen = Seen()
        let rotation = try await world.rotation()
        let end = rotation?.end?.rawValue ?? "open"
        let why = rotation?.stuckReason ?? rotation?.gaveUpReason ?? ""
        seen.expect(rotation?.end == .closed, "it ended as \(end): \(why)")
        seen.expect(try await world.isOver(), "something is left to do")
        seen.expect(try await world.debts().isEmpty, "debts are unpaid")
        try await lookAtGap(of: rotation, refusals, &seen)
        for (planned, carrier) in zip(world.definition.carriers, rotation?.carriers ?? []) {
            let latest = try await world.vault.latest(planned.reference.name)
            seen.expect(latest?.id == carrier.latest, "not as recorded")
        }
        let latest = try await world.vault.latest(SecretName(WorldFile.secret))?.id
        let held = try world.version(of: WorldFile.caller)
        seen.expect(held == latest, "the workload holds an old version")
        seen.expect(try await world.accepts(held), "the workload is locked out at the end")
        if let first = world.first[SecretName(WorldFile.secret)] {
            seen.expect(try await !world.accepts(first), "the first is still accepted")
        }
        let accepted = try await world.acceptedCount()
        // A provider of two keys always accepts both; of one of them nobody has the value.
        let expected = world.file.strategy == .dualKey ? 2 : 1
        seen.expect(accepted == expected, "\(accepted) are accepted at the end")
        try replayLogs(&seen)
        return seen
    }

    /// Nobody was refused but within a gap that is declared, told once, and told long enough.
    private func lookAtGap(
        of rotation: Rotation?,
        _ refusals: [ProcessObserver.Refusal],
        _ seen: inout Seen
    ) async throws {
        let told = try await world.completions()
        let ids = Set(told.map(\.id))
        seen.expect(ids.count == 1, "\(ids.count) completions were told")
        let gap = ProcessGap(reported: told.first?.content.gapSeconds ?? 0, refusals)
        seen.gap = gap
        guard let rotation, !rotation.plan.strategy.overlaps else {
            seen.expect(gap.reported == 0, "a gap was told")
            let times = refusals.count
            seen.expect(refusals.isEmpty, "the workload is locked out, \(times) times")
            return
        }
        let wrong = gap.violations(of: rotation, refusals)
        seen.expect(wrong.isEmpty, wrong.joined(separator: "; "))
    }
}

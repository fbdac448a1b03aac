import CrashSupport
import Foundation
import RekeyCore
import RekeyPorts

/// Looks at a world from outside of the worker's process, also while that is dead.
///
/// At least 20 times a second it signs in with what the workload holds, and lists what the target
/// accepts.
struct ProcessObserver: Sendable {
    struct Seen: Sendable {
        var signIns = 0
        var lists = 0
        var whileDead = 0
        var seconds = 0.0
        var violations: [String] = []
        /// Sign-ins that were refused with what the workload held all the while.
        var refusals: [Refusal] = []

        var signInsEachSecond: Double { seconds > 0 ? Double(signIns) / seconds : 0 }
        var listsEachSecond: Double { seconds > 0 ? Double(lists) / seconds : 0 }
        var isEnough: Bool {
            min(signInsEachSecond, listsEachSecond) >= ProcessObserver.fewestLooks
        }
    }

    /// When one sign-in was sent, and when it was refused.
    struct Refusal: Sendable {
        let sent: Date
        let answered: Date
    }

    let world: ProcessWorld

    /// How often it has to sign in and to list each second.
    static let fewestLooks = 20.0
    /// How often it wants to, so that a busy machine leaves enough.
    private static let rate = 30
    private static let signInsAtOnce = 4
    private static let listsAtOnce = 2
    /// More than these are never accepted side by side: the old one and the new one.
    private static let mostAccepted = 2

    /// Looks until the task is cancelled.
    func watch() async -> Seen {
        let start = ContinuousClock.now
        var all = Seen()
        await withTaskGroup(of: (signIns: Int, lists: Int, Seen).self) { group in
            for number in 0..<Self.signInsAtOnce {
                group.addTask {
                    var refusals: [Refusal] = []
                    var (looks, seen) = await look(number, of: Self.signInsAtOnce) {
                        if let refusal = try await signIn() { refusals.append(refusal) }
                        return nil
                    }
                    seen.refusals = refusals
                    return (looks, 0, seen)
                }
            }
            for number in 0..<Self.listsAtOnce {
                group.addTask {
                    let (looks, seen) = await look(number, of: Self.listsAtOnce, list)
                    return (0, looks, seen)
                }
            }
            for await (signIns, lists, seen) in group {
                all.signIns += signIns
                all.lists += lists
                all.whileDead += seen.whileDead
                all.violations += seen.violations
                all.refusals += seen.refusals
            }
        }
        all.seconds = (ContinuousClock.now - start) / .seconds(1)
        return all
    }

    /// Asks again and again, in turn with the others, and makes up for what came late.
    private func look(
        _ number: Int,
        of all: Int,
        _ ask: () async throws -> String?
    ) async -> (Int, Seen) {
        let interval = Duration.seconds(1) * all / Self.rate
        var next = ContinuousClock.now + interval * number / all
        try? await Task.sleep(until: next)
        var looks = 0
        var seen = Seen()
        while !Task.isCancelled {
            let isDead = world.isWorkerDead
            do {
                if let wrong = try await ask() { seen.violations.append(wrong) }
                looks += 1
                if isDead && world.isWorkerDead { seen.whileDead += 1 }
            } catch  where !Task.isCancelled {
                seen.violations.append("the observer cannot look: \(error)")
            } catch {}  // The end of the watch.
            next += interval
            try? await Task.sleep(until: next)
        }
        return (looks, seen)
    }

    /// Whether what the workload holds is refused, if it still holds that afterwards.
    ///
    /// Those who check a value without a target may take another one up meanwhile, too.
    private func signIn() async throws -> Refusal? {
        let sent = Date()
        let before = try holdings()
        guard let held = before.last, try await !world.accepts(held) else { return nil }
        return try holdings() == before ? Refusal(sent: sent, answered: Date()) : nil
    }

    private func holdings() throws -> [VersionID] {
        try world.definition.workloads.map { try world.version(of: $0.name) }
    }

    private func list() async throws -> String? {
        let count = try await world.acceptedCount()
        return (1...Self.mostAccepted).contains(count) ? nil : "\(count) are accepted"
    }
}

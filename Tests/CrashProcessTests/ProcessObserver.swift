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

        var signInsEachSecond: Double { seconds > 0 ? Double(signIns) / seconds : 0 }
        var listsEachSecond: Double { seconds > 0 ? Double(lists) / seconds : 0 }
        var isEnough: Bool {
            min(signInsEachSecond, listsEachSecond) >= ProcessObserver.fewestLooks
        }
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
            for _ in 0..<Self.signInsAtOnce {
                group.addTask {
                    var known: [VersionID: Credential] = [:]
                    let (looks, seen) = await look(Self.signInsAtOnce) { try await signIn(&known) }
                    return (looks, 0, seen)
                }
            }
            for _ in 0..<Self.listsAtOnce {
                group.addTask {
                    let (looks, seen) = await look(Self.listsAtOnce, list)
                    return (0, looks, seen)
                }
            }
            for await (signIns, lists, seen) in group {
                all.signIns += signIns
                all.lists += lists
                all.whileDead += seen.whileDead
                all.violations += seen.violations
            }
        }
        all.seconds = (ContinuousClock.now - start) / .seconds(1)
        return all
    }

    /// Asks again and again, as one of `others`, and makes up for what came late.
    private func look(
        _ others: Int,
        _ ask: () async throws -> String?
    ) async -> (Int, Seen) {
        let interval = Duration.seconds(1) * others / Self.rate
        var next = ContinuousClock.now
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

    /// What is wrong with what the workload holds, if it still holds that afterwards.
    private func signIn(_ known: inout [VersionID: Credential]) async throws -> String? {
        guard let held = world.workload.held?.versions.first?.version else {
            return "the workload holds nothing"
        }
        let credential: Credential
        if let found = known[held] {
            credential = found
        } else {
            credential = try await world.credential(held)
            known[held] = credential
        }
        if try await world.target.accepts(credential) { return nil }
        let isStill = world.workload.held?.versions.first?.version == held
        return isStill ? "the workload is locked out" : nil
    }

    private func list() async throws -> String? {
        let count = try await world.acceptedCount()
        return (1...Self.mostAccepted).contains(count) ? nil : "\(count) are accepted"
    }
}

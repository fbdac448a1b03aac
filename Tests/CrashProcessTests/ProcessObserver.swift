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
        var seconds = 0.0
        var violations: [String] = []
    }

    let world: ProcessWorld

    private static let pause = Duration.milliseconds(10)
    private static let signInsAtOnce = 2
    /// More than these are never accepted side by side: the old one and the new one.
    private static let mostAccepted = 2

    /// Looks until the task is cancelled.
    func watch() async -> Seen {
        let start = ContinuousClock.now
        var all = Seen()
        await withTaskGroup(of: Seen.self) { group in
            for _ in 0..<Self.signInsAtOnce { group.addTask { await signIns() } }
            group.addTask { await lists() }
            for await seen in group {
                all.signIns += seen.signIns
                all.lists += seen.lists
                all.violations += seen.violations
            }
        }
        all.seconds = (ContinuousClock.now - start) / .seconds(1)
        return all
    }

    private func signIns() async -> Seen {
        var seen = Seen()
        var known: [VersionID: Credential] = [:]
        while !Task.isCancelled {
            do {
                if let wrong = try await signIn(&known) { seen.violations.append(wrong) }
            } catch  where !Task.isCancelled {
                seen.violations.append("the observer cannot sign in: \(error)")
            } catch {}  // The end of the watch.
            seen.signIns += 1
            try? await Task.sleep(for: Self.pause)
        }
        return seen
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

    private func lists() async -> Seen {
        var seen = Seen()
        while !Task.isCancelled {
            do {
                let accepted = try await world.target.inspect(current: nil).accepted
                if accepted.isEmpty || accepted.count > Self.mostAccepted {
                    seen.violations.append("\(accepted.count) are accepted")
                }
            } catch  where !Task.isCancelled {
                seen.violations.append("the observer cannot list: \(error)")
            } catch {}  // The end of the watch.
            seen.lists += 1
            try? await Task.sleep(for: Self.pause)
        }
        return seen
    }
}

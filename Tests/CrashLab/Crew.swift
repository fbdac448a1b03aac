import CrashSupport
import Foundation
import Synchronization

/// Runs plans, each in a world of its own, on threads of its own.
package struct Crew: Sendable {
    private let threads: Int

    package init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.threads = max(threads, 1)
    }

    /// Runs one plan to its end, on a thread of its own: whoever calls waits for no other thread.
    package func run(_ plan: FaultPlan, from known: KnownStates? = nil) async -> SweepRun {
        let result = Mutex(SweepRun(plan))
        await run([plan], from: known) { run in result.withLock { $0 = run } }
        return result.withLock { $0 }
    }

    /// Runs one plan to its end, on the calling thread.
    private static func run(_ plan: FaultPlan, from known: KnownStates? = nil) -> SweepRun {
        let executor = WorldExecutor()
        let clock = WorldClock()
        let result = Mutex<SweepRun?>(nil)
        Task(executorPreference: executor) {
            var run: SweepRun
            do {
                run = try await SweepWorld(plan, on: executor, clock: clock).run(from: known)
            } catch {
                run = SweepRun(plan)
                run.violations = ["the world cannot be made: \(error)"]
            }
            result.withLock { $0 = run }
        }
        withExtendedLifetime(executor) {
            executor.run(until: { result.withLock { $0 != nil } }) { clock.wakeConductor() }
        }
        if let run = result.withLock({ $0 }) { return run }
        var run = SweepRun(plan)
        run.violations = ["the world stands still"]
        return run
    }

    /// Runs all plans, in any order, and hands over what came of each as soon as it is known.
    ///
    /// Given the states that are known, each run ends where it comes to one of them.
    package func run(
        _ plans: [FaultPlan],
        from known: KnownStates? = nil,
        each: @escaping @Sendable (SweepRun) -> Void
    ) async {
        await work(on: plans, from: known) { run in
            each(run)
            return true
        }
    }

    /// The first plan of the list that breaks something, in the list's order.
    package func firstFailure(among plans: [FaultPlan]) async -> (run: SweepRun, tried: Int)? {
        let found = Mutex<[SweepRun]>([])
        let tried = Mutex(0)
        await work(on: plans, from: nil) { run in
            tried.withLock { $0 += 1 }
            guard !run.violations.isEmpty else { return true }
            found.withLock { $0.append(run) }
            return false
        }
        let failures = found.withLock { $0 }
        let first = plans.first { plan in failures.contains { $0.plan == plan } }
        return failures.first { $0.plan == first }.map { ($0, tried.withLock { $0 }) }
    }

    /// Begins no further plan once `goOn` has answered no; those before it are run all the same.
    private func work(
        on plans: [FaultPlan],
        from known: KnownStates?,
        goOn: @escaping @Sendable (SweepRun) -> Bool
    ) async {
        let next = Mutex(0)
        let isOver = Mutex(false)
        let running = Mutex(threads)
        await withCheckedContinuation { continuation in
            for _ in 0..<threads {
                let thread = Thread {
                    while !isOver.withLock({ $0 }) {
                        let index = next.withLock { next in
                            next += 1
                            return next - 1
                        }
                        guard index < plans.count else { break }
                        if !goOn(Self.run(plans[index], from: known)) {
                            isOver.withLock { $0 = true }
                        }
                    }
                    let left = running.withLock { running in
                        running -= 1
                        return running
                    }
                    if left == 0 { continuation.resume() }
                }
                thread.stackSize = Self.stackByteCount
                thread.start()
            }
        }
    }

    private static let stackByteCount = 16 << 20
}

import CrashSupport
import Foundation
import RealParts
import RekeyCore
import RekeyWorker

/// A rotation whose first worker stands still at a point until a second one has ended it.
struct StandingRun: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        /// From the standstill to the rotation's end by the second worker, in seconds.
        var waited = 0.0
        /// Writes that the journal refused the first worker for its old claim.
        var refused = 0
        /// Deliveries that it had not acknowledged when it stood still, or when it went on.
        var deliveries = 0
        var checks = 0
        var violations: [String] = []

        fileprivate mutating func expect(_ holds: Bool, _ wrong: @autoclosure () -> String) {
            checks += 1
            if !holds { violations.append(wrong()) }
        }
    }

    let world: ProcessWorld
    let parts: ProcessParts
    let handover: Handover

    private static let limit = Duration.seconds(90)
    private static let pause = Duration.milliseconds(15)
    /// How long after the end a worker may take to come to a point of its last calls.
    private static let lastPoint = Duration.milliseconds(300)

    /// Nil where the worker never came to the point.
    func live(at point: SeamPoint) async throws -> Outcome? {
        let first = try world.startWorker(nil, standingAt: point)
        var workers = [first]
        // One that stands still would not end by itself.
        defer { for worker in workers { worker.kill() } }
        guard try await stands(first) else {
            first.kill()
            _ = try await first.waitForExit()
            return nil
        }
        let start = ContinuousClock.now
        var outcome = Outcome()
        outcome.deliveries = try await unacknowledged()
        let second = try world.startWorker(nil)
        workers.append(second)
        try await handOver(from: first, to: second)
        outcome.waited = (ContinuousClock.now - start) / .seconds(1)
        if handover == .claim {
            outcome.deliveries = max(outcome.deliveries, try await unacknowledged())
        }
        outcome.expect(first.stands, "the first worker went on by itself")
        first.signal(SIGCONT)
        try await comeBack(first, beside: second)
        outcome.expect(first.isRunning && second.isRunning, "a worker ended")
        outcome.refused = try world.notes().count { $0 == WorldFile.refused }
        for worker in workers {
            worker.kill()
            _ = try await worker.waitForExit()
        }
        return outcome
    }

    /// Whether the worker stands still, before its rotation is over without.
    private func stands(_ worker: ChildProcess) async throws -> Bool {
        var end = ContinuousClock.now + Self.limit
        var isOver = false
        while !worker.stands {
            guard worker.isRunning else { throw ended(worker) }
            if !isOver, try await world.isOver() {
                isOver = true
                end = ContinuousClock.now + Self.lastPoint
            }
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: Self.pause)
        }
        return true
    }

    /// Waits until the second worker has ended the rotation, with no claim of the first's left,
    /// and its deliveries where it is those too.
    private func handOver(from first: ChildProcess, to second: ChildProcess) async throws {
        guard let schema = world.file.journalDatabase?.schema else {
            throw PartFailure("the journal is not shared")
        }
        try await eventually(within: Self.limit, "the second worker ends the rotation") {
            guard second.isRunning else { throw ended(second) }
            guard try await world.isOver() else {
                throw PartFailure("\(second.errors.suffix(600))")
            }
            return try await !parts.observer.isHeld(by: "worker-\(first.pid)", in: schema)
        }
        // A worker that takes more of a queue than one at a time consumes it anew, and its first
        // consumer stays listed until the delivery that it got is acknowledged.
        let consumers = handover == .claim ? 1...3 : 1...1
        try await eventually("\(consumers) consumers of each queue") {
            let others = try await queues().filter {
                !consumers.contains($0.value.consumers)
                    || (handover == .deliveriesToo && $0.value.unacknowledged > 0)
            }
            guard others.isEmpty else { throw PartFailure("not \(others)") }
            return true
        }
    }

    /// Waits until the first has found out that others have done its work, and both are at rest.
    private func comeBack(_ first: ChildProcess, beside second: ChildProcess) async throws {
        try await eventually(within: Self.limit, "the first worker finds its way again") {
            guard first.isRunning else { throw ended(first) }
            guard try world.notes().contains(WorldFile.settled) else {
                throw PartFailure("\(first.errors.suffix(600))")
            }
            return true
        }
        try await eventually("both workers are at rest") {
            guard first.isRunning, second.isRunning, try await world.isOver() else { return false }
            return try await queues().values.allSatisfy {
                $0.consumers == 2 && $0.unacknowledged == 0 && $0.messages == 0
            }
        }
    }

    private func ended(_ worker: ChildProcess) -> PartFailure {
        // What comes behind it are the addresses of its frames.
        let lines = worker.errors.split(separator: "\n")
        let last = lines.first { $0.contains("Fatal error") } ?? lines.last ?? ""
        return PartFailure("a worker ended: \(last)")
    }

    private func unacknowledged() async throws -> Int {
        try await queues().values.map(\.unacknowledged).reduce(0, +)
    }

    /// Those that workers consume.
    private func queues() async throws -> [String: PrivateRabbitMQ.QueueCounts] {
        let all = try await parts.broker.listQueues(world.file.broker.virtualHost)
        let names = Set(SagaBus.workerQueues(hookKinds: WorldFile.hookKinds))
        return all.filter { names.contains($0.key) }
    }
}

extension ChildProcess {
    /// Whether every thread of it is stopped by a signal, as the kernel has it.
    var stands: Bool {
        let folder = "/proc/\(pid)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let states = threads.map { thread in
            // The name before the state is in parentheses.
            let line = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8)
            return line?.split(separator: ")").last?.dropFirst().first
        }
        return !states.isEmpty && states.allSatisfy { $0 == "T" }
    }
}

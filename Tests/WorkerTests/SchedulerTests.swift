import Logging
import RealParts
import RekeyCore
import Synchronization
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `The scheduler` {
    /// Runs a first piece of work, submits a second of its name meanwhile, and counts the runs.
    private static func runs(whileRunning isNew: Bool, times: Int = 1) async throws -> Int {
        let scheduler = Scheduler(
            turnsAtOnce: 2,
            clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let runs = Mutex(0)
        let gate = Signal()
        @Sendable func work(isNew: Bool) -> Scheduler.Work {
            Scheduler.Work(key: "orders", name: "admit/same", isNew: isNew) {
                let number = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                if number == 1 { await gate.wait() }
                return .nothing
            }
        }
        let runner = Task { await scheduler.run() }
        scheduler.submit(work(isNew: true))
        try await eventually("it runs") { runs.withLock { $0 } == 1 }
        for _ in 0..<times { scheduler.submit(work(isNew: isNew)) }
        gate.raise()
        try await eventually("all is done") { scheduler.busyCount == 0 }
        scheduler.drain()
        await runner.value
        return runs.withLock { $0 }
    }

    // Of events with one id some came while a turn forgot the one before them: nobody took them
    // until the next sweep.
    @Test func `takes what came into being while its namesake ran`() async throws {
        #expect(try await Self.runs(whileRunning: true) == 2)
    }

    @Test func `lets one that waits stand for all that came meanwhile`() async throws {
        #expect(try await Self.runs(whileRunning: true, times: 5) == 2)
    }

    @Test func `takes each piece of waiting work once`() async throws {
        #expect(try await Self.runs(whileRunning: false) == 1)
    }

    // Behind thousands that were due a compromise waited for minutes, and an operator in vain.
    @Test func `gives the next free turn to what is urgent, the rest in order`() async throws {
        let scheduler = Scheduler(
            turnsAtOnce: 1,
            clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let done = Mutex<[String]>([])
        let begun = Mutex(false)
        let gate = Signal()
        func submit(_ name: String, isUrgent: Bool = false) {
            scheduler.submit(
                Scheduler.Work(key: name, name: name, isUrgent: isUrgent) {
                    if name == "first" {
                        begun.withLock { $0 = true }
                        await gate.wait()
                    }
                    #expect(CallUrgency.isUrgent == isUrgent)
                    done.withLock { $0.append(name) }
                    return .nothing
                }
            )
        }
        let routine = (1...600).map { "routine-\($0)" }
        submit("first")
        let runner = Task { await scheduler.run() }
        try await eventually("the first runs") { begun.withLock { $0 } }
        for name in routine { submit(name) }
        submit("compromise", isUrgent: true)
        submit("order", isUrgent: true)
        gate.raise()
        try await eventually("all is done") { scheduler.busyCount == 0 }
        scheduler.drain()
        await runner.value
        #expect(done.withLock { $0 } == ["first", "compromise", "order"] + routine)
    }
}

import Logging
import RealParts
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
}

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

    /// Submits work while the one turn is taken, and answers with the order in which it is done.
    private static func order(
        of work: [(name: String, rank: Scheduler.Rank)]
    ) async throws
        -> [String]
    {
        let scheduler = Scheduler(
            turnsAtOnce: 1,
            clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let done = Mutex<[String]>([])
        let begun = Mutex(false)
        let gate = Signal()
        scheduler.submit(
            Scheduler.Work(key: "first", name: "first") {
                begun.withLock { $0 = true }
                await gate.wait()
                return .nothing
            }
        )
        let runner = Task { await scheduler.run() }
        try await eventually("the first runs") { begun.withLock { $0 } }
        for (name, rank) in work {
            scheduler.submit(
                Scheduler.Work(key: name, name: name, rank: rank) {
                    #expect(CallUrgency.isUrgent == (rank == .urgent))
                    done.withLock { $0.append(name) }
                    return .nothing
                }
            )
        }
        gate.raise()
        try await eventually("all is done") { scheduler.busyCount == 0 }
        scheduler.drain()
        await runner.value
        return done.withLock { $0 }
    }

    // Behind thousands that were due a compromise waited for minutes, and an operator in vain.
    @Test func `gives the next free turn to what is urgent, the rest in order`() async throws {
        let due = (1...600).map { "due-\($0)" }
        let work = due.map { (name: $0, rank: Scheduler.Rank.asked) }
        let urgent = ["compromise", "order"].map { (name: $0, rank: Scheduler.Rank.urgent) }
        #expect(try await Self.order(of: work + urgent) == ["compromise", "order"] + due)
    }

    // Ten thousand admissions used a vault's reads up, and nothing was written for 25 seconds.
    @Test func `lets what has begun go before what is asked for, but not for ever`() async throws {
        let asked = (1...4).map { (name: "asked-\($0)", rank: Scheduler.Rank.asked) }
        let begun = (1...8).map { (name: "begun-\($0)", rank: Scheduler.Rank.begun) }
        #expect(
            try await Self.order(of: asked + begun) == [
                "begun-1", "begun-2", "asked-1", "begun-3", "begun-4", "begun-5", "asked-2",
                "begun-6", "begun-7", "begun-8", "asked-3", "asked-4",
            ]
        )
    }
}

import Foundation
package import Logging
import RekeyCore
package import RekeyPorts
import ServiceLifecycle

/// Runs rotations: takes events from the broker, asks the core, performs, records, publishes.
package final class Worker: Service {
    let journal: any Journal
    /// The same, where other workers share it.
    let sharedJournal: (any SharedJournal)?
    private let broker: any Broker
    let estate: Estate
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger
    let turn: Turn
    let admit: AdmitStep
    let composer: EventComposer
    let facts: FactFinder
    let scheduler: Scheduler
    private let sideQueues: SideQueues
    private let outbox = OutboxFeed()
    private let timerSignal = Signal()
    private let journalEnd = JournalEnd()
    let followUps = FollowUps()

    package init(
        journal: any Journal,
        broker: any Broker,
        adapters: Adapters,
        estate: Estate,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        logger: Logger,
        sideQueues: SideQueues = [:]
    ) {
        self.sideQueues = sideQueues
        let signalling = SignallingJournal(journal, outbox, timerSignal, journalEnd)
        self.journal = signalling
        sharedJournal = journal as? any SharedJournal
        self.broker = broker
        self.estate = estate
        self.settings = settings
        self.clock = clock
        self.logger = logger
        facts = FactFinder(adapters: adapters, installation: settings.installation)
        composer = EventComposer(
            installation: settings.installation,
            source: settings.source,
            adapters: adapters
        )
        turn = Turn(
            journal: signalling,
            performer: EffectPerformer(
                adapters: adapters,
                installation: settings.installation,
                clock: clock,
                pouch: Pouch()
            ),
            composer: composer,
            estate: estate,
            settings: settings,
            clock: clock,
            logger: logger
        )
        admit = AdmitStep(
            journal: signalling,
            facts: facts,
            estate: estate,
            composer: composer,
            settings: settings,
            clock: clock,
            logger: logger
        )
        scheduler = Scheduler(turnsAtOnce: settings.turnsAtOnce, clock: clock, logger: logger)
    }

    /// Runs until it is cancelled or asked to shut down gracefully; then it stops consuming,
    /// ends the turns in hand, and publishes what they left in the outbox.
    ///
    /// Until the broker consumes, which it does only once it holds the owner's queue, nothing is
    /// written: two workers with a journal each would else sweep and rotate side by side.
    ///
    /// Throws what no further attempt of the broker can mend, and what ended the journal.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.broker.run() }
            group.addTask {
                await self.intake.run()
                // The deliveries end with the broker, and why it ended is for it to say.
                try await self.clock.sleep(until: .distantFuture)
            }
            group.addTask { try await self.work() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Everything that acts by itself, once this worker is the only one.
    private func work() async throws {
        guard try await isOnlyWorker() else { return }
        try await takeUp()
        let relay = relay
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.scheduler.run() }
            group.addTask { try await relay.run() }
            group.addTask { try await self.timers.run() }
            group.addTask { try await self.sweeper.run() }
            group.addTask { try await self.followOthers() }
            group.addTask { try await self.journalEnd.wait() }
            group.addTask {
                try await gracefulShutdown()
                // The scheduler then ends when the turns in hand have.
                self.scheduler.drain()
                try await self.clock.sleep(until: .distantFuture)
            }
            defer { group.cancelAll() }
            try await group.next()
            await relay.flush(within: Self.flushSeconds)
        }
    }

    /// Waits until the broker consumes; false where a shutdown was asked for before.
    private func isOnlyWorker() async throws -> Bool {
        let isShuttingDown = Signal()
        return try await withGracefulShutdownHandler {
            while !broker.state.isConsuming {
                guard !isShuttingDown.isRaised else { return false }
                try await clock.sleep(until: clock.now + Self.ownerPauseSeconds)
            }
            return true
        } onGracefulShutdown: {
            isShuttingDown.raise()
        }
    }

    /// Has the relay and the timers read the journal again.
    func lookAgain() {
        outbox.fallBehind()
        timerSignal.raise()
    }

    /// How many rotations and credentials are being worked on now.
    package var busyCount: Int { scheduler.busyCount }

    /// Goes on where an earlier process left off.
    private func takeUp() async throws {
        for entry in try await journal.reader.inbox(limit: Self.takenUpAtOnce) {
            begin(entry, isNew: false)
        }
        let open = try await journal.reader.rotations(
            RotationQuery(openOnly: true, limit: Self.takenUpAtOnce)
        )
        for rotation in open { wake(rotation.id, isUrgent: rotation.isUrgent) }
    }

    private var intake: Intake {
        Intake(
            journal: journal,
            broker: broker,
            settings: settings,
            clock: clock,
            logger: logger,
            sideQueues: sideQueues,
            begin: { self.begin($0, isNew: true) },
            wake: { self.take($0) }
        )
    }

    private var relay: Relay {
        Relay(
            journal: journal,
            broker: broker,
            settings: settings,
            clock: clock,
            outbox: outbox,
            logger: logger
        )
    }

    private var timers: TimerLoop {
        TimerLoop(
            journal: journal,
            clock: clock,
            logger: logger,
            signal: timerSignal,
            begin: { timer in
                guard let lane = Lane(timer.lane) else { return }
                self.run(timer, in: lane)
            }
        )
    }

    private var sweeper: Sweeper {
        Sweeper(
            journal: journal,
            facts: facts,
            estate: estate,
            composer: composer,
            settings: settings,
            clock: clock,
            logger: logger,
            wake: { self.wake($0) },
            resume: { self.begin($0, isNew: false) },
            ask: { definition, version in
                let request = self.admit.request(forDue: definition, version: version)
                self.submit(request, entry: nil)
            },
            releases: Releases(sweepSeconds: settings.sweepSeconds)
        )
    }

    /// Wakes every lane of a rotation.
    func wake(_ id: RotationID, isUrgent: Bool = false) {
        scheduler.submit(
            Scheduler.Work(
                key: id.text,
                name: "wake/\(id)",
                rank: isUrgent ? .urgent : .begun
            ) {
                guard var rotation = try await self.journal.reader.rotation(id) else {
                    return .nothing
                }
                var result = Turn.Result.nothing
                if rotation.revocation != nil {
                    result = try await self.turn.take(id, in: .revocation)
                    // What a deadline ends, the steps no longer wait for.
                    rotation = try await self.journal.reader.rotation(id) ?? rotation
                    if result == .busy { return .busy }
                }
                var lanes = [rotation.lane]
                let kinds = Set(rotation.plan.hooks.map(\.kind)).sorted()
                lanes += kinds.map { .hook(kind: $0) }
                for lane in lanes {
                    result = try await self.turn.take(id, in: lane)
                    if result == .busy { return .busy }
                }
                try await self.beginFollowUps(of: id)
                return result
            }
        )
    }

    private func run(_ timer: JournalTimer, in lane: Lane) {
        let id = timer.rotation
        scheduler.submit(
            Scheduler.Work(
                key: id.text,
                name: "timer/\(lane)/\(id)",
                rank: timer.isUrgent ? .urgent : .begun
            ) {
                let result = try await self.turn.take(id, in: lane)
                if result != .busy { try await self.settle(id, lane) }
                // What a deadline ends, the steps no longer wait for.
                if lane == .revocation, result == .advanced { self.wake(id, isUrgent: true) }
                try await self.beginFollowUps(of: id)
                return result
            }
        )
    }

    /// Takes away a timer that has done its work: unless its turn set it anew, to a later time.
    private func settle(_ id: RotationID, _ lane: Lane) async throws {
        guard let rotation = try await journal.reader.rotation(id) else { return }
        if case .wait = rotation.next(at: clock.now, in: lane) { return }
        try await journal.commit([.disarm(id, lane: lane.description)], under: nil)
    }

    static let takenUpAtOnce = 10_000
    /// How often the broker is looked at until it consumes.
    private static let ownerPauseSeconds: Double = 0.005
    /// How long a shutdown waits for the broker to take what is left in the outbox.
    private static let flushSeconds: Double = 5
}

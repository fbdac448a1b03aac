import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// Nobody asks and nobody hints: what is due is found by looking, on a clock of the test's own.
@Suite(.timeLimit(.minutes(2))) struct `With no event at all the sweeper` {
    private static let day = 86_400.0
    private static let hour = 3_600.0
    /// 2026-03-02, a Monday, at 00:30 UTC: the sweeps never fall on the hour.
    private static let start = Date(timeIntervalSince1970: 1_772_411_400)

    /// Nights from Saturday to Monday, two to five o'clock in Berlin.
    private static let window = MaintenanceWindow(
        zone: "Europe/Berlin",
        days: [.saturday, .sunday],
        opensAtMinute: 120,
        closesAtMinute: 300,
        onMissed: .next
    )

    private static let policy = RotationPolicy(
        lifetimeSeconds: 30 * day,
        thresholdSeconds: 10 * day,
        graceSeconds: hour
    )

    /// In a row: what was handed over is not begun at once beside other tests.
    private static let quietLooks = 100

    private static func world(_ clock: VirtualClock, isHearing: Bool) async throws -> World {
        try await World(
            .alternate,
            policy: policy,
            expiresIn: 30 * day,
            window: window,
            clock: clock,
            sweepSeconds: hour,
            isHearing: isHearing
        )
    }

    /// Lets `days` pass: by the minute while a rotation is in flight, else by the hour.
    private static func pass(days: Int, _ clock: VirtualClock, _ world: World) async throws {
        let end = clock.now + Double(days) * day
        while clock.now < end {
            try await settle(clock, world)
            let isQuiet = try await world.journal.counts().openRotations == 0
            clock.advance(to: clock.now + (isQuiet ? hour : 60))
        }
        try await settle(clock, world)
    }

    /// Waits until the worker has done all that can be done at this instant.
    private static func settle(_ clock: VirtualClock, _ world: World) async throws {
        var quiet = 0
        try await eventually("nothing is left to do now") {
            for _ in 0..<5_000 where quiet < Self.quietLooks {
                let counts = try await world.journal.counts()
                // The timers and the sweeper both sleep.
                let isQuiet =
                    clock.wakes.count >= 2 && !world.isBusy && counts.waitingInbox == 0
                    && counts.unsentOutbox == 0
                quiet = isQuiet ? quiet + 1 : 0
                await Task.yield()
            }
            return quiet == Self.quietLooks
        }
    }

    @Test(arguments: [true, false])
    func `rotates once, in its window and before the end`(isHearing: Bool) async throws {
        let clock = VirtualClock(Self.start)
        let world = try await Self.world(clock, isHearing: isHearing)
        let name = world.definition.carriers[0].reference.name
        let end = try #require(await world.vault.latest(name)?.expires)
        let due = end - Self.policy.thresholdSeconds
        try await world.withWorker {
            try await Self.pass(days: 19, clock, world)
            #expect(try await world.journal.rotations(RotationQuery()).isEmpty)
            try await Self.pass(days: 15, clock, world)
        }
        let rotations = try await world.journal.rotations(RotationQuery())
        let rotation = try #require(rotations.first)
        #expect(rotations.count == 1)
        #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
        #expect(rotation.requestedBy == "sweeper")
        let began = rotation.times.acceptedAt
        #expect(began >= due)
        #expect(Self.window.isOpen(at: began))
        let completed = try #require(rotation.times.completedAt)
        #expect(completed < end)
        // At least one opening between the due date and the end was early enough.
        #expect(began.timeIntervalSince(due) < 7 * Self.day)
        #expect(world.target?.callCount(.install) == 1)
        #expect(try await world.journal.debts(unpaidOnly: true).isEmpty)
    }

    @Test func `rotates again when the new value nears its end`() async throws {
        let clock = VirtualClock(Self.start)
        let world = try await Self.world(clock, isHearing: true)
        try await world.withWorker { try await Self.pass(days: 55, clock, world) }
        let rotations = try await world.journal.rotations(RotationQuery())
        #expect(rotations.map(\.end) == [.closed, .closed])
        let begins = rotations.map(\.times.acceptedAt).sorted()
        for begin in begins { #expect(Self.window.isOpen(at: begin)) }
        let pause = try #require(begins.last).timeIntervalSince(begins[0])
        #expect(pause >= 20 * Self.day)
        #expect(pause < 30 * Self.day)
    }

    // By the record nothing was due for weeks, and the event of the new version was lost.
    @Test func `sees within a day that somebody brought the end forward`() async throws {
        let clock = VirtualClock(Self.start)
        let world = try await World(
            .alternate,
            policy: Self.policy,
            expiresIn: 30 * Self.day,
            clock: clock,
            sweepSeconds: Self.hour
        )
        let name = World.name
        try await world.withWorker {
            try await Self.pass(days: 2, clock, world)
            let value = try #require(try await world.vault.latest(name)?.value)
            let entry = VaultEntry(value: value, expires: clock.now + 3 * Self.day)
            await world.vault.place(entry, as: name)
            try await Self.pass(days: 2, clock, world)
        }
        let rotation = try #require(try await world.journal.rotations(RotationQuery()).first)
        #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
        #expect(rotation.times.acceptedAt < Self.start + 3 * Self.day + 2 * Self.hour)
    }

    // It was never due, and nobody heard of it.
    @Test func `rotates what names no end within the policy's lifetime`() async throws {
        let clock = VirtualClock(Self.start)
        let world = try await World(
            .alternate,
            policy: Self.policy,
            clock: clock,
            sweepSeconds: Self.hour
        )
        let value = try #require(try await world.vault.latest(World.name)?.value)
        await world.vault.place(VaultEntry(value: value, expires: nil), as: World.name)
        try await world.withWorker { try await Self.pass(days: 22, clock, world) }
        let rotation = try #require(try await world.journal.rotations(RotationQuery()).first)
        #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
        let began = rotation.times.acceptedAt.timeIntervalSince(Self.start)
        #expect(began >= 20 * Self.day && began < 20 * Self.day + 2 * Self.hour)
    }

    // Each round asked the target of everything that was due and could not begin, and of what has
    // no end: reads that may take seconds, one after the other, before the next secret's turn.
    @Test func `asks no target about what it knows and may not rotate`() async throws {
        let clock = VirtualClock(Self.start)
        let world = try await World(
            .alternate,
            policy: Self.policy,
            expiresIn: 5 * Self.day,
            isEnabled: false,
            clock: clock,
            sweepSeconds: Self.hour
        )
        try await world.withWorker { try await Self.pass(days: 2, clock, world) }
        #expect(try await world.journal.credential("orders") != nil)
        #expect(world.target?.callCount(.inspect) == 1)
    }
}

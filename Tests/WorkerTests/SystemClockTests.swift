import Foundation
import RealParts
import Synchronization
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `The machine's clock` {
    /// How far the date was put forward, and how often it was read.
    private final class Shift: Sendable {
        let seconds = Atomic(0)
        let reads = Atomic(0)
    }

    // A timer was as late as the date had been wrong when the wait for it began.
    @Test func `ends a sleep when the date is put forward`() async throws {
        let shift = Shift()
        let clock = SystemClock(slice: .milliseconds(5)) {
            shift.reads.add(1, ordering: .relaxed)
            return Date() + Double(shift.seconds.load(ordering: .relaxed))
        }
        let end = clock.now + 3_600
        let before = shift.reads.load(ordering: .relaxed)
        async let sleep: Void = clock.sleep(until: end)
        try await eventually("it sleeps") { shift.reads.load(ordering: .relaxed) > before }
        shift.seconds.store(3_601, ordering: .relaxed)
        try await sleep
        #expect(clock.now >= end)
    }

    // Every loop of the worker slept for as long as the date had been put back.
    @Test func `ends a sleep when its time is over though the date was put back`() async throws {
        let shift = Shift()
        let clock = SystemClock(slice: .milliseconds(5)) {
            shift.reads.add(1, ordering: .relaxed)
            return Date() - Double(shift.seconds.load(ordering: .relaxed))
        }
        let end = clock.now + 0.2
        let before = shift.reads.load(ordering: .relaxed)
        async let sleep: Void = clock.sleep(until: end)
        try await eventually("it sleeps") { shift.reads.load(ordering: .relaxed) > before }
        shift.seconds.store(7_200, ordering: .relaxed)
        try await sleep
        #expect(clock.now < end)
    }

    @Test func `ends a sleep with its task`() async throws {
        let task = Task { try await SystemClock().sleep(until: .distantFuture) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

import InMemoryTarget
import PortConformance
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

@Suite struct `An in-memory target` {
    private static let fence = Fence(
        installation: "tests",
        credential: "db",
        sequence: 5,
        epoch: 10
    )

    @Test(arguments: [Strategy.replace, .alternate, .dualKey, .addThenRemove])
    func `does what every target must`(strategy: Strategy) async throws {
        let current = Credential(account: "first", secret: Secret("one"))
        let accounts: [AccountID] =
            switch strategy {
            case .replace: ["first"]
            case .alternate, .dualKey: ["first", "second"]
            case .addThenRemove, .valueOnly: []
            }
        let target = InMemoryTarget(
            strategy: strategy,
            accounts: accounts,
            accepting: [current]
        )
        let counter = Mutex(0)
        let conformance = TargetConformance(
            strategy: strategy,
            target: target,
            current: current,
            fence: Self.fence
        ) {
            Secret("new-\(counter.withLock { $0 += 1; return $0 })")
        }
        try await conformance.run()
    }

    @Test func `fails before or after it took effect, as told, and then works`() async throws {
        let target = alternating()
        let candidate = Credential(account: "second", secret: Secret("two"))
        let failure = StepFailure(.unknown, "answer lost")
        target.inject(.before(failure), on: .install)
        target.inject(.after(failure), on: .install)

        await #expect(throws: failure) {
            try await target.install(candidate, fence: Self.fence)
        }
        #expect(!target.admits(candidate))
        await #expect(throws: failure) {
            try await target.install(candidate, fence: Self.fence)
        }
        #expect(target.admits(candidate))
        try await target.install(candidate, fence: Self.fence)
        #expect(target.changes.map(\.kind) == [.installed])
        #expect(target.callCount(.install) == 3)
    }

    @Test func `takes a while to accept a new value`() async throws {
        let target = alternating()
        target.behaviour.looksBeforeAccepted = 2
        let candidate = Credential(account: "second", secret: Secret("two"))
        try await target.install(candidate, fence: Self.fence)
        let failure = await #expect(throws: StepFailure.self) {
            try await target.prove(candidate, like: "first")
        }
        #expect(failure?.kind == .transient)
        #expect(try await target.accepts(candidate) == false)
        #expect(try await target.accepts(candidate))
        #expect(target.admits(candidate))
    }

    @Test func `flaps as a lagging replica does`() async throws {
        let target = alternating()
        target.behaviour.flapEvery = 3
        let current = Credential(account: "first", secret: Secret("one"))
        var answers: [Bool] = []
        for _ in 0..<6 { answers.append(try await target.accepts(current)) }
        #expect(answers == [true, true, false, true, true, false])
    }

    @Test func `refuses a value and keeps the old one`() async throws {
        let target = InMemoryTarget(
            strategy: .replace,
            accounts: ["first"],
            accepting: [Credential(account: "first", secret: Secret("one"))]
        )
        target.behaviour.refuses = { $0.byteCount < 5 }
        let failure = await #expect(throws: StepFailure.self) {
            try await target.install(
                Credential(account: "first", secret: Secret("two")),
                fence: Self.fence
            )
        }
        #expect(failure?.kind == .refused)
        #expect(target.accepted.map(\.secret) == [Secret("one")])
        #expect(target.changes.isEmpty)
    }

    @Test func `keeps a spare that nobody was handed after a key is retired`() async throws {
        let target = InMemoryTarget(
            strategy: .dualKey,
            accounts: ["key1", "key2"],
            accepting: [Credential(account: "key1", secret: Secret("one"))]
        )
        #expect(target.spares == ["key2"])
        _ = try await target.value(of: "key2")
        #expect(target.spares.isEmpty)
        try await target.retire("key1", fence: Self.fence)
        try await target.retire("key1", fence: Self.fence)
        #expect(target.spares == ["key1"])
        #expect(target.changes.map(\.kind) == [.retired])
    }

    @Test func `answers what is in use as a test says`() async throws {
        let target = alternating()
        #expect(try await target.silence(of: "first") == .unused)
        target.behaviour.silence["first"] = .inUse
        #expect(try await target.silence(of: "first") == .inUse)
    }

    @Test func `holds no more credentials than it has slots`() async throws {
        let target = InMemoryTarget(
            strategy: .addThenRemove,
            accepting: [Credential(account: "first", secret: Secret("one"))]
        )
        target.behaviour.slotLimit = 1
        await #expect(throws: StepFailure.self) {
            try await target.issue("r/apply/issue/1", expires: nil)
        }
    }

    private func alternating() -> InMemoryTarget {
        InMemoryTarget(
            strategy: .alternate,
            accounts: ["first", "second"],
            accepting: [Credential(account: "first", secret: Secret("one"))]
        )
    }
}

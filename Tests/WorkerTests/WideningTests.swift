import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SagaModel
import Testing

/// A worker is started again with a configuration that has more in it, over a rotation under way.
@Suite(.timeLimit(.minutes(2))) struct `A configuration that gets more in mid-rotation` {
    typealias Strategy = RekeyCore.Strategy

    /// Who is added, and is behind until a test lets it catch up.
    enum Newcomer: CaseIterable {
        case vaultFed, hookFed, requiredHook
    }

    /// Which credential is at stake: the old one, or going back the candidate.
    enum Course { case forwards, back }

    @Test(arguments: [Strategy.alternate, .valueOnly], Newcomer.allCases)
    func `keeps the old credential until who was added has caught up`(
        strategy: Strategy,
        newcomer: Newcomer
    ) async throws {
        try await check(newcomer, strategy, .forwards)
    }

    @Test(arguments: [Strategy.alternate, .valueOnly])
    func `keeps the candidate, going back, until who was added has the previous value`(
        strategy: Strategy
    ) async throws {
        try await check(.vaultFed, strategy, .back)
    }

    // What the others show is worth nothing where all is over without who was added.
    @Test(arguments: [Strategy.alternate, .valueOnly], [Course.forwards, .back])
    func `left as it was ends the credential without who would have been added`(
        strategy: Strategy,
        course: Course
    ) async throws {
        let (world, journal) = try await begin(strategy, course)
        #expect(try await isAlive(course, world))
        try await goOn(world, journal, knowing: world.definition) {
            _ = try await world.ended()
        }
        #expect(try await !isAlive(course, world))
        #expect(world.lateWorkload.refreshCount == 0)
        #expect(world.lateHook.orders.isEmpty)
    }

    private func check(
        _ newcomer: Newcomer,
        _ strategy: Strategy,
        _ course: Course
    ) async throws {
        let (world, journal) = try await begin(strategy, course)
        world.lateWorkload.show(.none)
        world.lateHook.end(with: .running)
        try await goOn(world, journal, knowing: present(newcomer, in: world)) {
            try await eventually("only who was added is waited for") {
                let rotation = try await self.newest(world)
                if newcomer == .requiredHook {
                    return rotation.hooks[0].hasSucceeded
                        && rotation.hooks.last?.state == .running
                }
                return rotation.workloads.count == 2 && rotation.checks.shutAt != nil
                    && rotation.workloads[0].evidence == .proved
            }
            #expect(try await self.isAlive(course, world))
            world.lateWorkload.show(.healthy)
            world.lateHook.end(with: .succeeded("done"))
            try await eventually(within: .seconds(20), "it ends") {
                let rotation = try await self.newest(world)
                if newcomer == .hookFed { try await self.feed(rotation, in: world) }
                return rotation.isOver
            }
        }
        #expect(try await !isAlive(course, world))
        let rotation = try await newest(world)
        #expect(rotation.end == (course == .forwards ? .closed : .rolledBack))
        #expect(world.lateHook.orders.count == (newcomer == .requiredHook ? 1 : 0))
        if newcomer == .vaultFed {
            // Who sends and checks reloads before verifiers drop a value, and after it.
            #expect(world.lateWorkload.refreshCount == (strategy == .valueOnly ? 2 : 1))
        }
        let joins = try await world.journal.history(of: rotation.id).filter {
            if case .widened = $0.event { true } else { false }
        }
        #expect(joins.count == 1)
        let fault = TraceCheck.fault(in: journal.trace(of: rotation.id), of: rotation.id)
        #expect(fault == nil)
    }

    private func present(_ newcomer: Newcomer, in world: World) -> CredentialDefinition {
        var present = world.definition
        switch newcomer {
        case .vaultFed: present.workloads.append(PlannedWorkload("late"))
        case .hookFed: present.workloads.append(PlannedWorkload("late", deliveredBy: .hook))
        case .requiredHook: present.hooks.append(PlannedHook("late", kind: "webhook"))
        }
        return present
    }

    /// Hands on what the carriers hold, as whoever feeds a workload by hand does.
    private func feed(_ rotation: Rotation, in world: World) async throws {
        let carriers = zip(rotation.plan.carriers, rotation.carriers).compactMap { planned, now in
            now.latest.map {
                CarrierVersion(
                    vault: planned.reference.vault,
                    name: planned.reference.name,
                    version: $0,
                    uri: world.vault.uri(of: $0, planned.reference.name)
                )
            }
        }
        let order = WorkloadOrder(
            key: NaturalKey("\(carriers)"),
            credential: rotation.plan.credential,
            carriers: carriers
        )
        try await world.lateWorkload.refresh(order)
    }

    private func newest(_ world: World) async throws -> Rotation {
        let newest = try await world.journal.rotations(RotationQuery(limit: 1)).first
        guard let newest else { throw PartFailure("no rotation") }
        return newest
    }

    /// The first worker's part: until a hook runs, or going back until a workload is waited for.
    private func begin(
        _ strategy: Strategy,
        _ course: Course
    ) async throws -> (world: World, journal: TracingJournal) {
        let world = try await World(strategy)
        let journal = TracingJournal(world.journal)
        world.hook.end(with: .running)
        if course == .back {
            world.workload.fail(with: [StepFailure(.permanent, "no room")])
            world.workload.show(.none)
        }
        try await world.withWorker(journal: journal, claimSeconds: 1) {
            await world.request()
            try await eventually("it is held up") {
                let rotation = try await self.newest(world)
                return course == .forwards
                    ? rotation.hooks[0].state == .running
                    : rotation.step == .restore && rotation.checks.shutAt != nil
            }
        }
        world.hook.end(with: .succeeded("done"))
        world.workload.show(.proved)
        return (world, journal)
    }

    /// The second worker's part.
    private func goOn(
        _ world: World,
        _ journal: TracingJournal,
        knowing present: CredentialDefinition,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let queues = SagaBus.workerQueues(hookKinds: ["site"])
        let worker = world.worker(
            on: world.outsider.peer(subscriptions: queues, ownerQueue: SagaBus.owner),
            journal: journal,
            holder: "worker-2",
            knowing: present
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Whether the credential at stake is accepted, or where no target is: by those who check it.
    private func isAlive(_ course: Course, _ world: World) async throws -> Bool {
        let old = "old-value-1"
        guard let target = world.target else {
            let document = try #require(try await world.vault.latest("verifiers")?.value).text
            let values = document.split(separator: ",").map(String.init)
            return values.contains { ($0 == old) == (course == .forwards) }
        }
        return target.accepted.contains {
            ($0.secret == Secret(copying: old.utf8)) == (course == .forwards)
        }
    }
}

extension Secret {
    fileprivate var text: String {
        reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }
}

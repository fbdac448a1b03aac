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

@Suite(.timeLimit(.minutes(2))) struct `The trace of a worker` {
    private func fault(in journal: TracingJournal, of rotation: Rotation) -> String? {
        TraceCheck.fault(in: journal.trace(of: rotation.id), of: rotation.id)
    }

    @Test(arguments: Strategy.allCases)
    func `is what the core decides`(strategy: Strategy) async throws {
        let world = try await World(strategy)
        let journal = TracingJournal(world.journal)
        let rotation = try await world.withWorker(journal: journal) {
            await world.request()
            return try await world.ended()
        }
        #expect(rotation.end == .closed)
        let trace = journal.trace(of: rotation.id)
        #expect(trace.count > 20)
        let fault = fault(in: journal, of: rotation)
        #expect(fault == nil)
    }

    @Test(arguments: [Strategy.replace, .alternate, .addThenRemove, .dualKey])
    func `is, too, where answers are lost and it goes back`(strategy: Strategy) async throws {
        let world = try await World(strategy)
        let lost = StepFailure(.unknown, "answer lost")
        for verb in [InMemoryFault.Verb.install, .issue, .regenerate, .retire] {
            world.target?.inject(.after(lost), on: verb)
        }
        await world.vault.inject(VaultFault(.after(lost), on: .write))
        await world.stagingVault.inject(VaultFault(.before(lost), on: .write))
        world.workload.fail(with: [lost, StepFailure(.permanent, "no evidence")])
        let journal = TracingJournal(world.journal)
        let rotation = try await world.withWorker(journal: journal) {
            await world.request()
            return try await world.ended()
        }
        #expect(rotation.end == .rolledBack)
        let fault = fault(in: journal, of: rotation)
        #expect(fault == nil)
    }

    /// Two workers on one journal; whoever is held up loses its claim to the other.
    private func takeOver(_ world: World, _ journal: TracingJournal) async throws -> Rotation {
        let queues = SagaBus.workerQueues(hookKinds: ["site"])
        let first = world.outsider.peer(subscriptions: queues)
        let other = world.worker(
            on: world.outsider.peer(subscriptions: queues),
            journal: journal,
            holder: "worker-2",
            claimSeconds: 0.3
        )
        return try await world.withWorker(on: first, journal: journal, claimSeconds: 0.3) {
            async let _ = other.run()
            await world.request()
            let rotation = try await world.ended()
            try await eventually("whoever was held up has come back") {
                !world.isBusy && other.busyCount == 0
            }
            return rotation
        }
    }

    @Test func `holds nothing of a worker that lost its claim`() async throws {
        let world = try await World(.alternate)
        let journal = TracingJournal(world.journal, heldUp: .prove)
        let rotation = try await takeOver(world, journal)
        #expect(rotation.end == .closed)
        let isStale = journal.refusals.contains { failure in
            if case .staleClaim = failure { true } else { false }
        }
        #expect(isStale)
        let fault = fault(in: journal, of: rotation)
        #expect(fault == nil)
    }

    // It claimed anew for its next call, and only the numbers kept what it then recorded out.
    @Test func `ends with a claim that lasted no longer than a call`() async throws {
        let world = try await World(.alternate)
        await world.vault.inject(VaultFault(.delay(.seconds(1)), on: .preflight))
        let journal = TracingJournal(world.journal)
        let rotation = try await takeOver(world, journal)
        #expect(rotation.end == .closed)
        // Both may take the request out of the inbox, and then one comes too late to accept it.
        let request = try #require(world.requestID())
        let doubled: [JournalFailure] = [
            .conflict("rotation \(rotation.id) is at 1, not 0"),
            .gone("\(request)"),
        ]
        #expect(journal.refusals.filter { !doubled.contains($0) }.isEmpty)
        #expect(world.target?.callCount(.install) == 1)
        let fault = fault(in: journal, of: rotation)
        #expect(fault == nil)
    }

    @Test func `is refused where a stale claim was good enough`() async throws {
        let world = try await World(.alternate)
        let mistake = TracingJournal.Mistake.takesStaleClaims
        let journal = TracingJournal(world.journal, mistake: mistake, heldUp: .prove)
        let rotation = try await takeOver(world, journal)
        let fault = fault(in: journal, of: rotation)
        #expect(fault == "committed under a claim that is not the last")
    }

    @Test(
        arguments: [
            (.skipsTheProof, "nobody asked for it in prove"),
            (.revokesBeforeEvidence, "nobody asked for it in refresh"),
        ] as [(TracingJournal.Mistake, String)]
    )
    func `is refused where a step was left out or came too early`(
        mistake: TracingJournal.Mistake,
        complaint: String
    ) async throws {
        let world = try await World(.alternate)
        let journal = TracingJournal(world.journal, mistake: mistake)
        let rotation = try await world.withWorker(journal: journal) {
            await world.request()
            return try await world.ended()
        }
        let fault = fault(in: journal, of: rotation)
        #expect(fault?.hasPrefix(complaint) == true, "\(fault ?? "nothing")")
    }
}

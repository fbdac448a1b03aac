import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// A world with its worker and an outsider, while both run.
struct TroubleRig: Sendable {
    let world: TroubleWorld
    let outsider: Outsider
    let place: BrokerPlace

    /// How long a rotation may take to end once the trouble is over, and its queues to be empty.
    var patience = Duration.seconds(30)

    /// Runs worker and outsider for as long as `body` lasts.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (TroubleRig) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await world.worker.run()
                return nil
            }
            group.addTask {
                try await outsider.run()
                return nil
            }
            group.addTask {
                try await eventually("worker and outsider are connected") { isConnected }
                return try await body(self)
            }
            defer { group.cancelAll() }
            for try await result in group {
                if let result { return result }
            }
            throw PartFailure("the worker ended by itself")
        }
    }

    var isConnected: Bool {
        let state = world.broker.state
        return state.isConsuming && state.isPublishing && outsider.isReady
    }

    /// The newest rotation of each, where there is one.
    func newest(_ systems: [OutsideSystems]) async throws -> [RotationID] {
        var found: [RotationID] = []
        for system in systems {
            let look = OutsideLook(systems: system, journal: world.journal.reader)
            if let rotation = try await look.rotation() { found.append(rotation.id) }
        }
        return found
    }

    /// Waits until others than `earlier` are over, told, and nothing is left to do.
    func settle(
        _ systems: [OutsideSystems],
        after earlier: [RotationID],
        hearing isHeard: Bool = true
    ) async throws {
        for system in systems { try await settle(system, after: earlier, hearing: isHeard) }
        let reader = world.journal.reader
        try await eventually(within: patience, "nothing is left to do") {
            let counts = try await reader.counts()
            return counts.openRotations == 0 && counts.unsentOutbox == 0
                && counts.waitingInbox == 0
        }
    }

    /// Waits until another rotation than `earlier` is over and told.
    func settle(
        _ system: OutsideSystems,
        after earlier: [RotationID],
        hearing isHeard: Bool = true
    ) async throws {
        let reader = world.journal.reader
        let look = OutsideLook(systems: system, journal: reader)
        try await eventually(within: patience, "\(system.credential.id) is rotated and told") {
            guard let rotation = try await look.rotation(), rotation.isOver,
                !earlier.contains(rotation.id)
            else { return false }
            guard isHeard else { return true }
            let history = try await reader.history(of: rotation.id).map(\.event)
            return outsider.untold(rotation.id, history).isEmpty
        }
    }

    /// Waits until every queue of the worker is empty, and says which are not.
    func drain(_ node: PrivateRabbitMQ) async throws {
        try await eventually(within: patience, "the queues are empty") {
            let counts = try await node.listQueues(place.virtualHost)
            return BrokerPlace.workerQueues.allSatisfy { counts[$0]?.messages == 0 }
        }
    }

    /// What is wrong at the end of rotations, `before` which this had been done.
    func violationsAtEnd(
        _ systems: [(OutsideSystems, before: OutsideSystems.Deeds)],
        hearing isHeard: Bool = true
    ) async throws -> [String] {
        var wrong: [String] = []
        for (system, before) in systems {
            let look = OutsideLook(systems: system, journal: world.journal.reader)
            wrong += try await look.violationsAtEnd(since: before)
            guard isHeard, let rotation = try await look.rotation() else { continue }
            let history = try await world.journal.reader.history(of: rotation.id).map(\.event)
            wrong += outsider.untold(rotation.id, history)
        }
        return wrong + world.ledger.take() + outsider.takeContradictions()
    }
}

package import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker

/// A load of rotations on a cluster of three nodes, of which one after the other is lost.
package struct ClusterRun: Sendable {
    /// What it came to.
    package struct Report: Sendable, CustomStringConvertible {
        /// What was killed, and how soon all that was in flight had ended.
        package var losses: [String] = []
        package var rotations = 0
        package var looks = 0
        package var violations: [String] = []
        /// What a worker with a planted mistake came to under the same losses.
        package var planted: [String] = []

        package var description: String {
            "cluster: \(losses.joined(separator: "; ")); \(rotations) rotations, \(looks) looks, "
                + "\(violations.count) violations; planted: \(planted.count) violations"
        }
    }

    private let cluster: RabbitMQCluster
    private let credentials: Int

    package init(on cluster: RabbitMQCluster, credentials: Int = 8) {
        self.cluster = cluster
        self.credentials = credentials
    }

    /// Kills the worker's node, and with `losesLeader` then the one that leads the queues.
    package func run(losesLeader: Bool) async throws -> Report {
        let rig = try await makeRig("/cluster", isHasty: false)
        let planted = try await makeRig("/planted", isHasty: true)
        return try await rig.run { rig in
            try await planted.run { planted in
                try await conduct(rig, planted, losesLeader: losesLeader)
            }
        }
    }

    private func conduct(
        _ rig: TroubleRig,
        _ planted: TroubleRig,
        losesLeader: Bool
    ) async throws -> Report {
        var report = Report()
        let (load, wrong) = (ClusterLoad(rig), ClusterLoad(planted))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run() }
            group.addTask { try await wrong.run() }
            try await load.flow()
            let home = try await cluster.home(of: rig.place.user)
            report.losses.append("the worker's node: " + (try await lose(home, load)))
            if losesLeader {
                try await home.launch()
                try await load.flow()
                let leader = try await leader(rig.place.virtualHost)
                report.losses.append("the leaders' node: " + (try await lose(leader, load)))
            }
            load.stop()
            wrong.stop()
            try await group.waitForAll()
        }
        try await rig.drain(try await living())
        report.violations = load.violations + rig.world.ledger.take()
        report.violations += rig.outsider.takeContradictions()
        report.rotations = load.ended
        report.looks = rig.world.ledger.looks
        report.planted = wrong.violations
        return report
    }

    /// Kills a node, and waits until everything that was in flight has ended.
    private func lose(_ node: PrivateRabbitMQ, _ load: ClusterLoad) async throws -> String {
        let clock = ContinuousClock()
        let inFlight = load.rounds
        try await node.kill()
        let start = clock.now
        try await eventually(within: .seconds(60), "what was in flight has ended") {
            zip(load.rounds, inFlight).allSatisfy { $0 > $1 }
        }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        try await load.flow()
        return "\(inFlight.count) in flight ended within \((seconds * 10).rounded() / 10) s"
    }

    /// A node that answers.
    private func living() async throws -> PrivateRabbitMQ {
        for node in cluster.nodes {
            // One that was killed does not.
            if let count = try? await node.runningNodes(), count > 0 { return node }
        }
        throw PartFailure("no node is left")
    }

    private func leader(_ virtualHost: String) async throws -> PrivateRabbitMQ {
        var most: (count: Int, node: PrivateRabbitMQ)?
        for node in cluster.nodes {
            let count = try await node.ledQueues(virtualHost)
            if count > most?.count ?? 0 { most = (count, node) }
        }
        guard let most else { throw PartFailure("no node leads a queue of \(virtualHost)") }
        return most.node
    }

    /// A worker that knows all nodes, and begins with the second; the first leads the queues.
    private func makeRig(_ host: String, isHasty: Bool) async throws -> TroubleRig {
        let nodes = cluster.nodes
        try await nodes[0].makeVirtualHost(host)
        var place = BrokerPlace(nodes[0], virtualHost: host)
        (place.user, place.password) = ("worker", TestPassword.make())
        if isHasty { place.user = "planted" }
        try await nodes[0].addUser(place.user, password: place.password)
        try await nodes[0].setPermissions(place.user, virtualHost: host)
        place.ports = [nodes[0].port]
        // The node that is asked to make the queues leads them.
        try await place.declare(SagaBus.topology(hookKinds: []))
        place.ports = [1, 2, 0].map { nodes[$0].port }
        place.outsidePorts = [2, 0, 1].map { nodes[$0].port }
        let broker = place.workerBroker(confirmTimeout: .seconds(5))
        let world = try await TroubleWorld(
            credentials: isHasty ? 3 * credentials : credentials,
            broker: isHasty ? HastyBroker(broker) : broker
        )
        var rig = TroubleRig(world: world, outsider: place.makeOutsider(), place: place)
        // What was lost does not come back, so a planted mistake is not waited for.
        if isHasty { rig.patience = .seconds(10) }
        return rig
    }
}

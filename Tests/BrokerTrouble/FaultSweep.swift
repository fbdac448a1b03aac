package import RealParts
import RekeyCore

/// Breaks a broker while one worker's rotations are held, each after another call; a kind a run.
///
/// One more rotation is asked for while the trouble lasts.
package struct FaultSweep: Sendable {
    /// What one kind of fault came to.
    package struct Report: Sendable, CustomStringConvertible {
        package let fault: BrokerFault
        /// After which calls rotations were held.
        package var moments: [String] = []
        package var looks = 0
        package var seconds = 0.0
        /// What the worker warned of meanwhile, without repetitions.
        package var warnings: [String] = []
        package var violations: [String] = []

        package var description: String {
            "\(fault): \(moments.count) moments and 1 request, \(looks) looks, "
                + "\(violations.count) violations, \((seconds * 10).rounded() / 10) s"
        }
    }

    private let node: PrivateRabbitMQ
    private let isHasty: Bool

    /// Takes a node of its own, which it breaks; `isHasty` plants a mistake in the worker.
    package init(on node: PrivateRabbitMQ, isHasty: Bool = false) {
        self.node = node
        self.isHasty = isHasty
    }

    /// Goes through `faults`, one after the other.
    package func run(
        _ faults: [BrokerFault],
        each: @escaping @Sendable (Report) -> Void = { _ in }
    ) async throws -> [Report] {
        let host = "/faults"
        try await node.makeVirtualHost(host)
        var place = BrokerPlace(node, virtualHost: host)
        (place.user, place.password) = ("worker", TestPassword.make())
        try await node.addUser(place.user, password: place.password)
        try await node.setPermissions(place.user, virtualHost: host)
        let moments = Moments()
        let broker = place.workerBroker(confirmTimeout: .seconds(2))
        let world = try await TroubleWorld(
            credentials: Self.moments + 1,
            broker: isHasty ? HastyBroker(broker) : broker,
            sweepSeconds: 2
        ) { credential, point in
            await moments.pass(credential, point)
        }
        var rig = TroubleRig(world: world, outsider: place.makeOutsider(), place: place)
        rig.patience = isHasty ? .seconds(8) : .seconds(45)
        return try await rig.run { rig in
            var reports: [Report] = []
            for (number, fault) in faults.enumerated() {
                let round = FaultRound(rig: rig, node: node, moments: moments, number: number)
                let report = try await round.run(fault)
                each(report)
                reports.append(report)
                if isHasty, !report.violations.isEmpty { break }
            }
            return reports
        }
    }

    /// As many as the calls of one rotation, or a few more: those end before they are held.
    static let moments = 24
}

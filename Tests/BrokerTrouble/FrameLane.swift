import RealParts
import RekeyCore
import RekeyPorts

/// One worker behind one proxy, which has a credential rotated again and again.
struct FrameLane: Sendable {
    struct Found: Sendable {
        var isHit: Bool
        var broken: Int
        var violations: [String]
    }

    let rig: TroubleRig
    private let proxy: FrameProxy
    private let node: PrivateRabbitMQ
    private let numbers = Counter()

    /// A confirm takes longer than this only where something is wrong.
    private static let confirmTimeout = Duration.milliseconds(600)
    private static let delay = Duration.milliseconds(1_000)
    /// What was lost does not come back, so a planted mistake is not waited for.
    private static let hastyPatience = Duration.seconds(5)
    /// Two heartbeats, and what a busy machine adds.
    private static let noticeLimit = Duration.seconds(15)

    static func make(
        on node: PrivateRabbitMQ,
        virtualHost: String,
        isHasty: Bool
    ) async throws -> FrameLane {
        try await node.makeVirtualHost(virtualHost)
        let proxy = try FrameProxy(to: node.port, delay: delay)
        var place = BrokerPlace(node, virtualHost: virtualHost)
        place.ports = [proxy.port]
        let broker = place.workerBroker(confirmTimeout: confirmTimeout)
        let world = try await TroubleWorld(
            credentials: 1,
            broker: isHasty ? HastyBroker(broker) : broker
        )
        var rig = TroubleRig(world: world, outsider: place.makeOutsider(), place: place)
        if isHasty { rig.patience = hastyPatience }
        return FrameLane(rig: rig, proxy: proxy, node: node)
    }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable (FrameLane) async throws -> Result
    ) async throws -> Result {
        defer { proxy.close() }
        return try await rig.run { _ in try await body(self) }
    }

    /// Which frames one rotation takes without any trouble.
    func cleanRun() async throws -> [FrameKind: Int] {
        // The first one adopts the credential.
        _ = try await rotate(nil)
        let found = try await rotate(nil)
        guard found.violations.isEmpty else {
            throw PartFailure("a clean run: \(found.violations)")
        }
        return proxy.report.counts
    }

    /// One rotation with one fault.
    func run(_ fault: FrameFault) async throws -> Found { try await rotate(fault) }

    private func rotate(_ fault: FrameFault?) async throws -> Found {
        let systems = rig.world.systems[0]
        try await eventually(within: rig.patience, "the worker is connected") {
            rig.isConnected
        }
        let before = await systems.deeds
        let earlier = try await rig.newest([systems])
        proxy.arm(fault)
        try await rig.outsider.request(systems.credential.id, number: numbers.next())
        var violations: [String] = []
        do {
            try await rig.settle([systems], after: earlier)
            if fault?.kind == .stall, proxy.report.isHit {
                try await eventually(within: Self.noticeLimit, "the stall is noticed") {
                    proxy.report.isStallNoticed
                }
            }
            try await rig.drain(node)
        } catch let failure as PartFailure {
            violations.append("\(failure)")
        }
        let report = proxy.report
        try await proxy.disarm()
        violations += try await rig.violationsAtEnd([(systems, before)])
        return Found(isHit: report.isHit, broken: report.broken, violations: violations)
    }
}

import ArgumentParser
import BrokerTrouble
import RealParts

/// Breaks a private RabbitMQ in every way, and looks from outside.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Trouble at a real RabbitMQ: at every frame, at every step, in a cluster.",
        discussion: """
            A worker of this process rotates on private RabbitMQ nodes on loopback. A proxy cuts, \
            delays and stalls its connection at each frame; the node is killed, paused, restarted, \
            filled, and robbed of queues, bindings, exchange and permissions while rotations are \
            held after each of their calls; and of three nodes one after the other is killed.
            """
    )

    @Flag(help: "Every frame, and a second loss in the cluster.")
    var all = false

    @Option(help: "Of how many frame boundaries one is tried.")
    var stride = 37

    func validate() throws {
        guard (1...100_000).contains(stride) else {
            throw ValidationError("--stride is 1 to 100000")
        }
    }

    func run() async throws {
        var violations = 0
        let node = try await PrivateRabbitMQ.start()
        let frames = try await FrameSweep(on: node, stride: all ? 1 : stride).run()
        Report.line("\(frames)\(all ? "" : ", every \(stride)th point")")
        violations += tell(frames.violations)
        let hasty = try await FrameSweep(on: node, lanes: 1, isHasty: true).run()
        Report.line("planted mistake: \(hasty)")
        for report in try await FaultSweep(on: node).run(BrokerFault.allCases) {
            Report.line("\(report)")
            violations += tell(report.violations)
        }
        let broken = try await FaultSweep(on: node, isHasty: true).run([.connectionsClosed])
        for report in broken { Report.line("planted mistake: \(report)") }
        let cluster = try await RabbitMQCluster.start()
        let losses = try await ClusterRun(on: cluster).run(losesLeader: all)
        Report.line("\(losses)")
        violations += tell(losses.violations)
        let isBlind =
            hasty.violations.isEmpty || losses.planted.isEmpty
            || !broken.contains { !$0.violations.isEmpty }
        if isBlind { Report.line("a planted mistake was not found") }
        if violations > 0 || isBlind { throw ExitCode.failure }
    }

    private func tell(_ violations: [String]) -> Int {
        for violation in violations { Report.line("violation: \(violation)") }
        return violations.count
    }
}

import BrokerTrouble
import Foundation
import RealParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct `A cluster that loses a node` {
    @Test func `delays the rotations, and loses and doubles nothing`() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let cluster = try await RabbitMQCluster.start()
        Self.tell("three nodes after \(start.duration(to: clock.now))")
        let report = try await ClusterRun(on: cluster).run(losesLeader: Self.isWhole)
        // Whether the planted worker loses anything depends on what is on its way at the kill, so
        // it is told and not asked for; cut frames find the same mistake each time.
        Self.tell("\(report), \(start.duration(to: clock.now))")
        #expect(report.violations == [])
        #expect(report.losses.count == (Self.isWhole ? 2 : 1))
    }

    /// The second loss waits for a node to come back.
    private static var isWhole: Bool {
        ProcessInfo.processInfo.environment["REKEY_CLUSTER_LOSSES"] == "2"
    }

    private static func tell(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}

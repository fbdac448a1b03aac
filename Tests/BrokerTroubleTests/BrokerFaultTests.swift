import BrokerTrouble
import Foundation
import RealParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct `A broker in trouble` {
    @Test func `delays the rotations at every step, and loses and doubles nothing`() async throws {
        let node = try await PrivateRabbitMQ.start()
        let reports = try await FaultSweep(on: node).run(Self.faults) { Self.tell("\($0)") }
        for report in reports {
            if !report.violations.isEmpty { Self.tell("\(report.warnings)") }
            #expect(report.violations == [], "\(report.fault)")
        }
        #expect(reports.count == Self.faults.count)
    }

    @Test func `shows a worker that does not wait for confirms`() async throws {
        let node = try await PrivateRabbitMQ.shared()
        let kinds = Array(repeating: BrokerFault.connectionsClosed, count: 3)
        let reports = try await FaultSweep(on: node, isHasty: true).run(kinds)
        Self.tell("planted: \(reports)")
        #expect(reports.contains { !$0.violations.isEmpty })
    }

    /// All of them with `REKEY_BROKER_FAULTS=all`, or those that it names.
    private static var faults: [BrokerFault] {
        switch ProcessInfo.processInfo.environment["REKEY_BROKER_FAULTS"] {
        case nil:
            [.connectionsClosed, .queuesFull, .killed]
        case "all": BrokerFault.allCases
        case let named?: named.split(separator: ",").compactMap { BrokerFault(rawValue: "\($0)") }
        }
    }

    private static func tell(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}

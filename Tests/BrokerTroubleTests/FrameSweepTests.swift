import BrokerTrouble
import Foundation
import RealParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(30))) struct `A connection cut at a frame` {
    @Test func `delays a rotation, and loses and doubles nothing`() async throws {
        let node = try await PrivateRabbitMQ.shared()
        let report = try await FrameSweep(on: node, stride: Self.stride).run()
        Self.tell("\(report), every \(Self.stride)th of them")
        #expect(report.violations == [])
        #expect(report.broken == 0)
        #expect(report.runs == (report.points + Self.stride - 1) / Self.stride)
        #expect(report.unreached < report.runs / 4)
    }

    @Test func `shows a worker that does not wait for confirms`() async throws {
        let node = try await PrivateRabbitMQ.shared()
        let report = try await FrameSweep(on: node, lanes: 1, isHasty: true).run()
        Self.tell("planted: \(report)")
        #expect(!report.violations.isEmpty)
    }

    /// Of how many points one is tried; a prime, so that all kinds and places come.
    private static var stride: Int {
        let named = ProcessInfo.processInfo.environment["REKEY_FRAME_STRIDE"]
        return named.flatMap { Int($0) } ?? 37
    }

    private static func tell(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}

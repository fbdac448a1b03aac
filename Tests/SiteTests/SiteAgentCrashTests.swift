import Foundation
import InMemoryBroker
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyAgent
@testable import SiteHook

/// Whatever the agent died between, the same delivery leads its successor to the same end.
@Suite(.timeLimit(.minutes(4))) struct `An agent that died` {
    enum Point: CaseIterable {
        case beforeAnything, afterIntent, afterWriting, afterCommand, afterOutcome

        var runsAgain: Bool { self != .afterOutcome }
    }

    /// A command that notes its delivery, and what the folder held while it ran.
    private static func command(_ log: TemporaryDirectory) throws -> String {
        try log.script(
            """
            cat > /dev/null
            echo "$REKEY_DELIVERY" >> \(log.file("runs"))
            cat "$1"/*.json "$1"/app.env >> \(log.file("during"))
            [ ! -e \(log.file("hang")) ] || exec sleep 60
            """
        )
    }

    private func deliver(_ pair: SitePair, _ order: HookOrder) async throws {
        try await pair.withAgent {
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "it is finished") {
                if case .succeeded = try await pair.hook.follow(order) { return true }
                return false
            }
            try await eventually(within: .seconds(60), "it is acknowledged") {
                pair.broker.countAll(in: "rekey.site.cairo") == 0
            }
        }
    }

    @Test(arguments: Point.allCases)
    func `is followed to the same end`(point: Point) async throws {
        let log = try TemporaryDirectory("command")
        let pair = try SitePair(command: [try Self.command(log)], passingFolder: true)
        let order = pair.order(value: "new")
        try pair.folder.write("A=1\nSECRET=old\nB=2\n", to: "app.env", mode: 0o640)
        if point != .beforeAnything {
            var record = AgentJournal.Record(credential: "orders")
            record.entries["SECRET \(pair.folder.file("app.env"))"] = AgentJournal.Entry(
                key: order.key.text,
                sequence: order.sequence,
                state: point == .afterOutcome ? .applied : .begun,
                detail: "before the crash"
            )
            try AgentJournal(directory: pair.folder.path).keep(record)
        }
        if ![.beforeAnything, .afterIntent].contains(point) {
            try pair.folder.write("A=1\nSECRET=new\nB=2\n", to: "app.env", mode: 0o640)
        }
        try await deliver(pair, order)
        #expect(pair.file == "A=1\nSECRET=new\nB=2\n")
        #expect(pair.recorded?.entries.values.map(\.state) == [.applied])
        #expect((log.text(of: "runs") != nil) == point.runsAgain)
    }

    @Test func `had its intent and its file on the disk before the command ran`() async throws {
        let log = try TemporaryDirectory("command")
        let pair = try SitePair(command: [try Self.command(log)], passingFolder: true)
        try await deliver(pair, pair.order(value: "new"))
        let during = try #require(log.text(of: "during"))
        #expect(during.contains(#""state":"begun""#))
        #expect(during.contains("SECRET=new"))
    }

    // A stop in mid-command once counted as an exit with 0, and the delivery as applied.
    @Test func `while its command ran has applied nothing, and runs it again`() async throws {
        let log = try TemporaryDirectory("command")
        try log.write("", to: "hang")
        let pair = try SitePair(
            command: [try Self.command(log)],
            passingFolder: true,
            commandSeconds: 30
        )
        let order = pair.order(value: "new")
        try await pair.withAgent {
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "the command runs") {
                log.text(of: "during")?.contains("SECRET=new") == true
            }
        }
        #expect(pair.recorded?.entries.values.map(\.state) == [.begun])
        #expect(pair.broker.countAll(in: "rekey.site.cairo") == 1)
        try FileManager.default.removeItem(atPath: log.file("hang"))
        try await deliver(pair, order)
        #expect(log.text(of: "runs")?.split(separator: "\n").count ?? 0 >= 2)
        #expect(pair.recorded?.entries.values.map(\.state) == [.applied])
    }
}

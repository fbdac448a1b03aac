import Foundation
import InMemoryBroker
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@testable import RekeyAgent
@testable import SiteHook

@Suite(.timeLimit(.minutes(4))) struct `A site's agent` {
    private let queue = "rekey.site.cairo"
    private let parked = "rekey.parked.rekey.site.cairo"

    private func succeeds(_ pair: SitePair, _ order: HookOrder) async throws {
        try await eventually(within: .seconds(60), "the delivery is applied") {
            if case .succeeded = try await pair.hook.follow(order) { return true }
            return false
        }
    }

    @Test(
        arguments: [
            { $0.site = "oslo" }, { $0.path = "app.env" }, { $0.command = ["touch"] },
        ] as [@Sendable (inout SiteDelivery) -> Void]
    )
    func `refuses what is signed but not for it, or not absolute`(
        change: @escaping @Sendable (inout SiteDelivery) -> Void
    ) async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            try await pair.publish(changing: change)
            try await eventually(within: .seconds(60), "it is parked") {
                pair.broker.count(in: parked) == 1
            }
        }
        #expect(pair.file == nil)
    }

    // Parked, the sealed value would lie at the broker until somebody empties that queue.
    @Test func `drops what has expired`() async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            try await pair.publish { $0.expires = 1_000 }
            try await eventually(within: .seconds(60), "it is dealt with") {
                pair.broker.countAll(in: queue) == 0
            }
        }
        #expect(pair.broker.count(in: parked) == 0)
        #expect(pair.file == nil)
    }

    @Test func `refuses what was changed on its way, byte by byte`() async throws {
        let pair = try SitePair()
        try await pair.withBroker { try await pair.hook.start(pair.order(value: "s3cret")) }
        let sent = try #require(try await pair.broker.list(queue, limit: 1).first)
        #expect(try await pair.broker.discard(sent.properties.messageID ?? "", from: queue))
        let places = stride(from: 40, to: sent.body.count, by: sent.body.count / 12)
        try await pair.withAgent {
            for place in places {
                var body = sent.body
                body[place] ^= 1
                // A place that means nothing, such as in an unused certificate, may be let through.
                try await pair.publish(body)
            }
            try await eventually(within: .seconds(60), "all are dealt with") {
                pair.broker.countAll(in: queue) == 0
            }
        }
        #expect(pair.broker.count(in: parked) > 0)
        #expect(pair.file == nil || pair.file == "SECRET=s3cret\n")
    }

    @Test func `says that it cannot open what is sealed for another`() async throws {
        let pair = try SitePair()
        let other = pair.signer.certificate
        let sealed = Data(try CMS.encrypt(Secret(copying: "s3cret".utf8), to: other))
        try await pair.withAgent {
            try await pair.publish { $0.sealed = sealed }
            let order = pair.order(value: "s3cret")
            try await eventually(within: .seconds(60), "it is answered") {
                let answer = pair.ledger.answer(of: "cairo", to: order.key)
                return answer?.outcome == .failed
                    && answer?.detail == "what is sealed cannot be opened with this site's key"
            }
        }
        #expect(pair.file == nil)
    }

    // Two hooks of one credential have one sequence, and each has to arrive.
    @Test func `serves several variables of one credential`() async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            let first = pair.order(value: "s3cret")
            try await pair.hook.start(first)
            try await succeeds(pair, first)
            let second = pair.order(key: "r/hook/1-1/1", value: "s3cret")
            try await pair.second.start(second)
            try await eventually(within: .seconds(60), "the second is applied") {
                if case .succeeded = try await pair.second.follow(second) { return true }
                return false
            }
        }
        #expect(pair.file == "SECRET=s3cret\nSECOND=s3cret\n")
    }

    @Test func `gives the value on standard input only`() async throws {
        let log = try TemporaryDirectory("command")
        let script = try log.script(
            """
            cat > \(log.file("input"))
            cat /proc/$$/environ /proc/$$/cmdline > \(log.file("seen"))
            """
        )
        let pair = try SitePair(command: [script, "reload"])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await succeeds(pair, order)
        }
        #expect(log.text(of: "input") == "s3cret")
        let seen = try #require(log.text(of: "seen"))
        #expect(seen.contains("REKEY_DELIVERY=r/hook/1-0/1"))
        #expect(seen.contains("reload"))
        #expect(!seen.contains("s3cret"))
    }

    @Test func `kills a command that hangs, with what it started`() async throws {
        let log = try TemporaryDirectory("command")
        let script = try log.script("sleep 60 & echo $! > \(log.file("pid")); wait")
        let pair = try SitePair(command: [script])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "the agent gives up") {
                try await pair.hook.follow(order)
                    == .failed("site cairo: \(script) ran longer than 1.0 s")
            }
        }
        let pid = try #require(log.text(of: "pid")?.dropLast())
        try await eventually("the grandchild is gone") {
            let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
            return status.map { String(decoding: $0, as: UTF8.self).contains(" Z ") } ?? true
        }
    }

    // Foundation waited for the daemon too, so that the command was late, and both were killed.
    @Test func `is done with a command that leaves a daemon behind`() async throws {
        let log = try TemporaryDirectory("command")
        let script = try log.script("sleep 600 & echo $! > \(log.file("pid"))")
        let pair = try SitePair(command: [script], commandSeconds: 120)
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await eventually("the delivery is applied") {
                if case .succeeded = try await pair.hook.follow(order) { return true }
                return false
            }
        }
        let pid = try #require(log.text(of: "pid").flatMap { Int32($0.dropLast()) })
        #expect(kill(pid, SIGKILL) == 0)
    }

    @Test func `answers again until the broker has the answer`() async throws {
        let log = try TemporaryDirectory("command")
        let script = try log.script(
            """
            touch \(log.file("begun"))
            until [ -e \(log.file("go")) ]; do sleep 0.05; done
            """
        )
        let pair = try SitePair(command: [script])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "the command runs") {
                log.text(of: "begun") != nil
            }
            pair.broker.block("memory")
            try log.write("", to: "go")
            try await eventually(within: .seconds(60), "it is applied") {
                pair.recorded?.entries.values.first?.state == .applied
            }
            #expect(pair.broker.countAll(in: queue) == 1)
            pair.broker.block(nil)
            try await succeeds(pair, order)
            try await eventually(within: .seconds(60), "it is acknowledged") {
                pair.broker.countAll(in: queue) == 0
            }
        }
    }
}

extension SitePair {
    /// What the agent's journal says of the credential that all the tests deliver.
    var recorded: AgentJournal.Record? {
        try? AgentJournal(directory: folder.path).record(of: "orders")
    }
}

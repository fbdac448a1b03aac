import Foundation
import InMemoryBroker
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@testable import RekeyAgent
@testable import SiteHook

@Suite(.timeLimit(.minutes(4))) struct `A delivery to a site` {
    private func ended(_ pair: SitePair, _ order: HookOrder) async throws -> HookProgressReport {
        try await eventually(within: .seconds(60), "the agent answers") {
            try await pair.hook.follow(order) != .running
        }
        return try await pair.hook.follow(order)
    }

    @Test func `arrives in the file, and is answered`() async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            #expect(try await pair.hook.follow(order) == .notStarted)
            try await pair.hook.start(order)
            guard case .succeeded = try await ended(pair, order) else {
                throw PartFailure("the delivery did not succeed")
            }
        }
        #expect(pair.file == "SECRET=s3cret\n")
    }

    @Test func `that comes twice is done once`() async throws {
        let log = try TemporaryDirectory("command")
        let script = try log.script(
            "cat >/dev/null; echo \"$REKEY_DELIVERY\" >> \(log.file("runs"))"
        )
        let pair = try SitePair(command: [script])
        try await pair.withAgent {
            let order = pair.order(value: "one")
            try await pair.hook.start(order)
            _ = try await ended(pair, order)
            pair.ledger.forget(order.key, of: "cairo")
            try await pair.hook.start(order)
            guard case .succeeded = try await ended(pair, order) else {
                throw PartFailure("the second delivery was not answered")
            }
        }
        let runs = FileManager.default.contents(atPath: log.file("runs"))
        #expect(runs == Data("r/hook/1-0/1\n".utf8))
    }

    // Of two workers on one queue of answers, the one that had not asked could take them.
    @Test func `is answered to whichever worker has asked`() async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            for (sequence, hook) in [pair.hook, pair.colleague, pair.hook].enumerated() {
                let key = NaturalKey("r/hook/1-0/\(sequence + 1)")
                let order = pair.order(sequence: sequence + 1, key: key, value: "s3cret")
                try await hook.start(order)
                try await eventually(within: .seconds(60), "its worker hears the answer") {
                    guard case .succeeded = try await hook.follow(order) else { return false }
                    return true
                }
            }
        }
    }

    @Test func `that failed for another worker is made again, and not told as failed`()
        async throws
    {
        let pair = try SitePair(command: ["/bin/false"])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            let isFailure: @Sendable (HookProgressReport) -> Bool = {
                if case .failed = $0 { true } else { false }
            }
            try await eventually(within: .seconds(60), "both have heard of it") {
                pair.colleagueLedger.answer(of: "cairo", to: order.key) != nil
                    && pair.ledger.answer(of: "cairo", to: order.key) != nil
            }
            #expect(isFailure(try await pair.hook.follow(order)))
            #expect(try await pair.colleague.follow(order) == .notStarted)
            try await pair.colleague.start(order)
            try await eventually(within: .seconds(60), "it is answered anew") {
                isFailure(try await pair.colleague.follow(order))
            }
        }
    }

    @Test func `with an older sequence changes nothing`() async throws {
        let pair = try SitePair()
        try await pair.withAgent {
            let new = pair.order(sequence: 5, value: "new")
            try await pair.hook.start(new)
            _ = try await ended(pair, new)
            let old = pair.order(sequence: 4, key: "r/hook/1-0/0", value: "old")
            try await pair.hook.start(old)
            try await eventually(within: .seconds(60), "it is parked") {
                pair.broker.count(in: "rekey.parked.rekey.site.cairo") == 1
            }
        }
        #expect(pair.file == "SECRET=new\n")
    }

    @Test func `by a stranger's signature is parked, and nothing is written`() async throws {
        let pair = try SitePair(signedBy: true)
        try await pair.withAgent {
            try await pair.hook.start(pair.order(value: "forged"))
            try await eventually(within: .seconds(60), "it is parked") {
                pair.broker.count(in: "rekey.parked.rekey.site.cairo") == 1
            }
        }
        #expect(pair.file == nil)
    }

    @Test func `whose command fails is told as failed, without the value`() async throws {
        let pair = try SitePair(command: ["/bin/false"])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "the agent answers") {
                let report = try await pair.hook.follow(order)
                guard case .failed(let reason) = report else { return false }
                #expect(reason.contains("/bin/false exited with 1"))
                #expect(!reason.contains("s3cret"))
                return true
            }
        }
    }

    @Test func `whose command hangs is ended after its time`() async throws {
        let pair = try SitePair(command: ["/bin/sleep", "60"])
        try await pair.withAgent {
            let order = pair.order(value: "s3cret")
            try await pair.hook.start(order)
            try await eventually(within: .seconds(60), "the agent gives up") {
                if case .failed = try await pair.hook.follow(order) { return true }
                return false
            }
        }
    }

    @Test func `counts only by the word of the site's own user`() throws {
        let pair = try SitePair()
        let answer =
            #"{"data":{"site":"cairo","credential":"orders","key":"k","sequence":1,"#
            + #""outcome":"applied","detail":"forged"}}"#
        let delivery = Delivery(
            tag: .init(connection: 1, number: 1),
            queue: SiteAnswer.queue,
            exchange: "rekey.events",
            routingKey: "site.cairo.answered",
            body: Array(answer.utf8),
            properties: EventProperties(userID: "somebody")
        )
        #expect(!pair.ledger.take(delivery))
    }

    // The other site has a user of its own, and may speak for itself only.
    @Test func `is not answered for by another site`() async throws {
        let pair = try SitePair()
        let order = pair.order(value: "s3cret")
        let answer =
            #"{"data":{"site":"oslo","credential":"orders","key":"r/hook/1-0/1","sequence":1,"#
            + #""outcome":"applied","detail":"forged"}}"#
        let delivery = Delivery(
            tag: .init(connection: 1, number: 1),
            queue: SiteAnswer.queue,
            exchange: "rekey.events",
            routingKey: "site.oslo.answered",
            body: Array(answer.utf8),
            properties: EventProperties(userID: "site.oslo")
        )
        #expect(pair.ledger.take(delivery))
        #expect(try await pair.hook.follow(order) == .notStarted)
    }

    @Test func `is made again only after a pause, with the same id`() async throws {
        let clock = ManualClock()
        let pair = try SitePair(clock: clock)
        let order = pair.order(value: "s3cret")
        try await pair.withBroker {
            for pause in [30.0, 60, 120] {
                try await pair.hook.start(order)
                clock.pass(pause - 1)
                #expect(try await pair.hook.follow(order) == .running)
                clock.pass(2)
                #expect(try await pair.hook.follow(order) == .notStarted)
            }
            let waiting = try await pair.broker.list("rekey.site.cairo", limit: 10)
            #expect(waiting.count == 3)
            #expect(Set(waiting.map(\.properties.messageID)).count == 1)
        }
    }

    @Test func `opens with openssl alone`() async throws {
        let pair = try SitePair()
        try await pair.withBroker { try await pair.hook.start(pair.order(value: "s3cret")) }
        let sent = try #require(try await pair.broker.list("rekey.site.cairo", limit: 1).first)
        let (content, _) = try CMS.verify(sent.body, pinned: [pair.signer.certificate])
        let delivery = try JSONDecoder().decode(SiteDelivery.self, from: Data(content))
        #expect(!String(decoding: sent.body, as: UTF8.self).contains("s3cret"))
        let folder = try TemporaryDirectory("openssl")
        try delivery.sealed.write(to: URL(fileURLWithPath: folder.file("sealed")))
        try folder.write(pair.agentSettings.certificate.pem, to: "site.pem")
        try pair.agentSettings.key.writePEM(to: folder.file("site.key"))
        let opened = try await ChildProcess.run(
            "openssl",
            [
                "cms", "-decrypt", "-inform", "DER", "-in", folder.file("sealed"),
                "-recip", folder.file("site.pem"), "-inkey", folder.file("site.key"),
            ]
        )
        #expect(opened.output == "s3cret")
    }
}

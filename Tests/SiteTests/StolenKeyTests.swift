import Foundation
import InMemoryBroker
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@testable import RekeyAgent
@testable import SiteHook

/// What whoever holds a site's certificate and key, and its user of the broker, can do.
@Suite(.timeLimit(.minutes(4))) struct `A stolen key of a site` {
    @Test func `signs no delivery that an agent takes`() async throws {
        let pair = try SitePair()
        let parked = "rekey.parked.rekey.site.cairo"
        let stolen = (pair.agentSettings.certificate, pair.agentSettings.key)
        let delivery = SiteDelivery(
            site: "cairo",
            credential: "orders",
            key: "r/hook/1-0/1",
            sequence: 99,
            expires: Date().timeIntervalSince1970 + 60,
            path: pair.folder.file("app.env"),
            variable: "SECRET",
            command: ["/bin/touch", pair.folder.file("ran")],
            sealed: Data(try CMS.encrypt(Secret(copying: "forged".utf8), to: stolen.0))
        )
        let body = [UInt8](try JSONEncoder().encode(delivery))
        try await pair.withAgent {
            try await pair.publish(try CMS.sign(body, certificate: stolen.0, key: stolen.1))
            try await eventually("it is refused") { pair.broker.count(in: parked) == 1 }
        }
        #expect(pair.file == nil)
        #expect(!FileManager.default.fileExists(atPath: pair.folder.file("ran")))
    }

    @Test func `opens what is sealed for that site, and for no other`() throws {
        let pair = try SitePair()
        let other = try SitePair.identity("oslo", .sealing)
        let value = Secret(copying: "s3cret".utf8)
        let (certificate, key) = (pair.agentSettings.certificate, pair.agentSettings.key)
        // That is what the theft costs.
        let own = try CMS.encrypt(value, to: certificate)
        #expect(try CMS.decrypt(own, certificate: certificate, key: key) == value)
        let foreign = try CMS.encrypt(value, to: other.certificate)
        #expect(throws: CryptoFailure.self) {
            try CMS.decrypt(foreign, certificate: certificate, key: key)
        }
        #expect(throws: CryptoFailure.self) {
            try CMS.decrypt(foreign, certificate: other.certificate, key: key)
        }
    }

    @Test func `speaks for that site, and for no other`() throws {
        let pair = try SitePair()
        for (site, counts) in [("cairo", true), ("oslo", false), ("CAIRO", false), ("", false)] {
            let answer =
                #"{"data":{"site":"\#(site)","credential":"orders","key":"k","sequence":1,"#
                + #""outcome":"applied","detail":"forged"}}"#
            let delivery = Delivery(
                tag: .init(connection: 1, number: 1),
                queue: SiteAnswer.queue,
                exchange: "rekey.events",
                routingKey: "site.\(site).answered",
                body: Array(answer.utf8),
                properties: EventProperties(userID: "site.cairo")
            )
            #expect(pair.ledger.take(delivery) == counts, "\(site)")
        }
    }
}

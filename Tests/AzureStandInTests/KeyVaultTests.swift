import Foundation
import Testing

@testable import azure_standin

@Suite struct `The double of Key Vault` {
    @Test func `gives ids and links that carry the client's host and port`() {
        var world = StandInFixture.world()
        for _ in 0..<3 {
            _ = StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world)
        }
        let page = StandInFixture.vault(
            "GET",
            "/secrets/one/versions?maxresults=2",
            in: &world
        ).json
        let id = page["value"]?.elements?.first?["id"]?.string ?? ""
        #expect(id.hasPrefix("https://localhost:8443/secrets/one/"))
        let next = page["nextLink"]?.string ?? ""
        #expect(next.hasPrefix("https://localhost:8443/secrets/one/versions?api-version=7.4&"))
    }

    @Test func `takes a trailing slash for the latest version`() {
        var world = StandInFixture.world()
        _ = StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world)
        let answer = StandInFixture.vault("GET", "/secrets/one/", in: &world)
        #expect(answer.json["value"] == "x")
    }

    @Test func `hides a deleted secret in both places until the lag is over`() {
        var world = StandInFixture.world()
        _ = StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world)
        let deleted = StandInFixture.vault("DELETE", "/secrets/one", in: &world)
        #expect(deleted.json["recoveryId"]?.string?.hasSuffix("/deletedsecrets/one") == true)
        #expect(StandInFixture.vault("GET", "/secrets/one", in: &world).status == 404)
        #expect(StandInFixture.vault("GET", "/deletedsecrets/one", in: &world).status == 404)
        let early = StandInFixture.vault("PUT", "/secrets/one", ["value": "y"], in: &world)
        #expect(early.innerError == "ObjectIsBeingDeleted")
        world.clock.frozen = StandInFixture.start.addingTimeInterval(2)
        #expect(StandInFixture.vault("GET", "/deletedsecrets/one", in: &world).status == 200)
        let late = StandInFixture.vault("PUT", "/secrets/one", ["value": "y"], in: &world)
        #expect(late.innerError == "ObjectIsDeletedButRecoverable")
    }

    @Test func `is readable before it is writable after a recovery`() {
        var world = StandInFixture.world()
        world.settings.conflictAfterRecoverSeconds = 5
        _ = StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world)
        _ = StandInFixture.vault("DELETE", "/secrets/one", in: &world)
        world.clock.frozen = StandInFixture.start.addingTimeInterval(2)
        _ = StandInFixture.vault("POST", "/deletedsecrets/one/recover", in: &world)
        #expect(StandInFixture.vault("GET", "/secrets/one", in: &world).status == 404)
        world.clock.frozen = StandInFixture.start.addingTimeInterval(4)
        #expect(StandInFixture.vault("GET", "/secrets/one", in: &world).status == 200)
        let early = StandInFixture.vault("PUT", "/secrets/one", ["value": "y"], in: &world)
        #expect(early.innerError == "ObjectIsBeingRecovered")
        world.clock.frozen = StandInFixture.start.addingTimeInterval(9)
        let late = StandInFixture.vault("PUT", "/secrets/one", ["value": "y"], in: &world)
        #expect(late.status == 200)
    }

    @Test(
        arguments: [
            (["value": "x", "attributes": ["exp": "soon"]], "exp"),
            (["value": "x", "tags": ["a": 1]], "tag"),
            ([:], "value"),
        ] as [(JSON, String)]
    )
    func `says which parameter is wrong`(body: JSON, word: String) {
        var world = StandInFixture.world()
        let answer = StandInFixture.vault("PUT", "/secrets/one", body, in: &world)
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["message"]?.string?.contains(word) == true)
        #expect(world.vaults["app"]?.secrets.isEmpty == true)
    }

    @Test(arguments: ["/secrets/a_b", "/secrets/a%20b"])
    func `refuses names that Key Vault would not take`(target: String) {
        var world = StandInFixture.world()
        let answer = StandInFixture.vault("PUT", target, ["value": "x"], in: &world)
        #expect(answer.json["error"]?["code"] == "BadParameter")
    }

    @Test func `counts writes over ten seconds where a limit is set`() {
        var world = StandInFixture.world()
        world.settings.vaultWritesPerTenSeconds = 2
        let statuses = (0..<3).map { _ in
            StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world).status
        }
        #expect(statuses == [200, 200, 429])
        world.clock.frozen = StandInFixture.start.addingTimeInterval(11)
        #expect(
            StandInFixture.vault("PUT", "/secrets/one", ["value": "x"], in: &world).status == 200
        )
    }

    @Test func `never writes a value into the change that it reports`() throws {
        var world = StandInFixture.world()
        let answer = StandInFixture.vault(
            "PUT",
            "/secrets/one",
            ["value": "marked value"],
            in: &world
        )
        let change = try #require(answer.change)
        #expect(change["digest"]?.string == SecretDigest.hex("marked value"))
        let shown = String(decoding: change.bytes + Accepted.json(world).bytes, as: UTF8.self)
        #expect(!shown.contains("marked value"))
    }
}

import Foundation
import Testing

@testable import azure_standin

@Suite struct `The double of Entra and Graph` {
    private func add(_ name: String, in world: inout World) -> JSON {
        StandInFixture.graph(
            "POST",
            "/v1.0/applications/\(StandInFixture.objectID)/addPassword",
            ["passwordCredential": ["displayName": .string(name)]],
            in: &world
        ).json
    }

    private func names(in world: inout World) -> [String] {
        let answer = StandInFixture.graph(
            "GET",
            "/v1.0/applications/\(StandInFixture.objectID)",
            in: &world
        )
        return answer.json["passwordCredentials"]?.elements?
            .compactMap { $0["displayName"]?.string } ?? []
    }

    private func signIn(_ secret: String, in world: inout World) -> Answer {
        let form =
            "grant_type=client_credentials&client_id=\(StandInFixture.appID)"
            + "&client_secret=\(secret)&scope=https%3A%2F%2Fvault.azure.net%2F.default"
        let call = Call(
            api: .login,
            method: "POST",
            target: "/tenant/oauth2/v2.0/token",
            body: Array(form.utf8)
        )
        return LoginAPI.answer(call, verdict: nil, in: &world)
    }

    @Test func `shows a new password after the lag, and flaps before it settles`() {
        var world = StandInFixture.world()
        world.settings.graphLagSeconds = 10
        world.settings.graphFlapSeconds = 10
        _ = add("late", in: &world)
        #expect(names(in: &world) == [])
        world.clock.frozen = StandInFixture.start.addingTimeInterval(15)
        let flapping = (0..<4).map { _ in names(in: &world).count }
        #expect(Set(flapping) == [0, 1])
        world.clock.frozen = StandInFixture.start.addingTimeInterval(30)
        let settled = (0..<4).map { _ in names(in: &world).count }
        #expect(settled == [1, 1, 1, 1])
    }

    @Test func `shows a removed password until the lag is over, though it no longer works`() {
        var world = StandInFixture.world()
        let made = add("old", in: &world)
        world.settings.graphLagSeconds = 10
        world.clock.frozen = StandInFixture.start.addingTimeInterval(20)
        _ = StandInFixture.graph(
            "POST",
            "/v1.0/applications/\(StandInFixture.objectID)/removePassword",
            ["keyId": made["keyId"] ?? .null],
            in: &world
        )
        #expect(names(in: &world) == ["old"])
        #expect(signIn(made["secretText"]?.string ?? "", in: &world).status == 401)
        world.clock.frozen = StandInFixture.start.addingTimeInterval(40)
        #expect(names(in: &world) == [])
    }

    @Test func `refuses a new password until it is replicated`() {
        var world = StandInFixture.world()
        world.settings.passwordLagSeconds = 10
        let secret = add("new", in: &world)["secretText"]?.string ?? ""
        let early = signIn(secret, in: &world)
        #expect(early.json["error_codes"] == [7_000_215])
        world.clock.frozen = StandInFixture.start.addingTimeInterval(11)
        let late = signIn(secret, in: &world)
        #expect(late.status == 200 && late.token != nil)
    }

    @Test func `tells an expired password from a wrong one`() {
        var world = StandInFixture.world()
        let secret = add("old", in: &world)["secretText"]?.string ?? ""
        world.clock.offsetSeconds = 3 * 365 * 86_400
        #expect(signIn(secret, in: &world).json["error_codes"] == [7_000_222])
        #expect(signIn("wrong", in: &world).json["error_codes"] == [7_000_215])
    }

    @Test func `logs a sign-in by the digest of what was presented`() {
        var world = StandInFixture.world()
        let change = signIn("marked", in: &world).change
        #expect(change?["digest"]?.string == SecretDigest.hex("marked"))
        #expect(change?["error"] == "AADSTS7000215")
        let shown = String(decoding: change?.bytes ?? [], as: UTF8.self)
        #expect(!shown.contains("marked"))
    }

    @Test func `lets only owners write with the lesser right`() {
        var world = StandInFixture.world()
        world.applications[StandInFixture.appID]?.graphRights = [
            "Application.ReadWrite.OwnedBy"
        ]
        #expect(add("x", in: &world)["error"]?["code"] == "Authorization_RequestDenied")
        world.applications[StandInFixture.appID]?.owners = ["rekey"]
        #expect(add("x", in: &world)["secretText"]?.string != nil)
    }
}

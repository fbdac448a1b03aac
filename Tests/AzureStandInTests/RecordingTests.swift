import Testing

@testable import azure_standin

@Suite struct `Recorded exchanges` {
    private static let keyVault = StandInFixture.token(KeyVaultAPI.audience)

    @Test(arguments: ["kv-crud-challenge", "kv-list-versions-paged"])
    func `of Key Vault are answered in the same shape`(tag: String) throws {
        var world = StandInFixture.world(softDelete: false)
        var lastVersion = ""
        var next = ""
        for recording in try Recording.all(tag) {
            // A first request carries no token, and therefore no body.
            let isChallenge = recording.response.status == 401
            var call = recording.call(
                .keyVault("app"),
                bearer: isChallenge ? nil : Self.keyVault
            )
            if call.path.count == 3, call.path[2] != "versions" { call.path[2] = lastVersion }
            if call.query["$skiptoken"] != nil { call.query["$skiptoken"] = next }
            let answer = KeyVaultAPI.answer(call, vault: "app", in: &world)
            #expect(answer.status == recording.response.status, "\(recording)")
            let expected = try #require(JSON(parsing: recording.response.body.utf8))
            #expect(Shape.differences(answer.json, expected) == [], "\(recording)")
            if let id = answer.json["id"]?.string {
                lastVersion = String(id.split(separator: "/").last ?? "")
            }
            next =
                answer.json["nextLink"]?.string?.firstMatch(of: /skiptoken=([^&]*)/)
                .map { String($0.1) } ?? next
            let sent = recording.response.headers["www-authenticate"]
            #expect((answer.headers["www-authenticate"] != nil) == (sent != nil))
        }
    }

    @Test func `of Graph are answered in the same shape`() throws {
        var world = StandInFixture.world()
        var keyID = ""
        for recording in try Recording.all("graph-app-credential") {
            var call = recording.call(.graph, bearer: StandInFixture.token(GraphAPI.audience))
            // The recording removes another password than the one that it added.
            if call.path.last == "removePassword" {
                call.body = JSON.object(["keyId": .string(keyID)]).bytes
            }
            let answer = GraphAPI.answer(call, in: &world)
            #expect(answer.status == recording.response.status, "\(recording)")
            keyID = answer.json["keyId"]?.string ?? keyID
            guard let expected = JSON(parsing: recording.response.body.utf8) else { continue }
            #expect(Shape.differences(answer.json, expected) == [], "\(recording)")
            #expect(answer.headers["odata-version"] == "4.0")
        }
        #expect(!keyID.isEmpty)
    }

    @Test func `of Automation are answered in the same shape`() throws {
        var world = StandInFixture.world()
        world.resourceGroup = "cli_test_automation_000001"
        world.automation.name = "test-account-000002"
        world.automation.runbooks["test-runbook-000003"] = RunbookRecord(
            name: "test-runbook-000003",
            script: "/bin/true",
            created: world.now
        )
        world.automation.workerGroups = [
            WorkerGroupRecord(name: "hwg-000004", created: world.now)
        ]
        for recording in try Recording.all("automation-2022") {
            let call = recording.call(.arm, bearer: StandInFixture.token(ARMAPI.audience))
            let answer = ARMAPI.answer(call, in: &world)
            #expect(answer.status == recording.response.status, "\(recording)")
            var expected = try #require(JSON(parsing: recording.response.body.utf8))
            // Who started it was scrubbed, and is null before it starts.
            if case .object(var members) = expected, recording.seq == 3 {
                var properties = members["properties"]?.members ?? [:]
                properties["startedBy"] = "somebody"
                members["properties"] = .object(properties)
                expected = .object(members)
            }
            // The list of groups says when they were changed, which the stand-in's never are.
            let differences = Shape.differences(answer.json, expected)
                .filter { !$0.contains("lastModifiedAt") }
            #expect(differences == [], "\(recording)")
        }
    }
}

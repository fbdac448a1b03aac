import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Rekey on real parts` {
    @Test func `rotates a connection string by two roles in turn`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let password = try StandIn.text(at: estate.folder.file("first-password"))
        let roles = estate.roles
        #expect(try await estate.canSignIn(roles.first, password))

        let plan = try await estate.rekey("plan", "orders-database")
        #expect(plan.exit == .code(0), "\(plan.errors)")
        #expect(plan.output.contains("account now \(roles.first), next \(roles.second)"))
        #expect(plan.output.contains("begins if asked for: yes"), "\(plan.output)")
        let check = try await estate.rekey("check")
        #expect(check.exit == .code(0), "\(check.output)\(check.errors)")
        #expect(check.output.contains("everything was looked at, nothing was changed"))

        let rotate = try await estate.rekey("rotate", "orders-database", "--wait")
        #expect(rotate.exit == .code(0), "\(rotate.output)\(rotate.errors)")
        let line = ["staged", "applied", "proved", "promoted", "revoked", "closed"]
        #expect(line.allSatisfy(rotate.output.contains), "\(rotate.output)")

        let stored = try #require(
            try await estate.azure.accepted().vaults["app"]?["orders-database"]
        )
        #expect(stored.versions.count == 2)
        let newest = stored.versions.first { $0.version == stored.latest }
        #expect(newest?.tags?["rekey-owner"] == "e2e")
        #expect(newest?.tags?["rekey-write"] != nil)
        let text = try await estate.azure.value(
            of: "orders-database",
            in: "app",
            as: "observer"
        )
        let url = try #require(URL(string: text))
        #expect(url.user == roles.second)
        #expect(try await estate.canSignIn(roles.second, url.password ?? ""))
        #expect(try await !estate.canSignIn(roles.first, password))

        let history = try await estate.history(of: "orders-database")
        #expect(history.map(\.state) == ["closed"])
        let events = try await estate.rekey("history", try #require(history.first?.id))
        #expect(events.output.contains("done       promote"), "\(events.output)")
        #expect(try await estate.status().secrets.allSatisfy { $0.state == "at rest" })
        try await expectNowhere([url.password ?? "", password], estate, worker)
        worker.terminate()
        #expect(try await worker.waitForExit() == .code(0))
    }

    @Test func `shows each change to whoever watches`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let watch = try estate.start("status", "--watch", "--json")
        let rotate = try await estate.rekey("rotate", "orders-database", "--wait")
        #expect(rotate.exit == .code(0), "\(rotate.output)\(rotate.errors)")
        try await eventually("the watch has seen it") {
            watch.output.contains(#""state":"rotating""#)
                && watch.output.split(separator: "\n").last?.contains("rotating") == false
        }
        watch.terminate()
        let id = try #require(try await estate.history(of: "orders-database").first?.id)
        let watched = try await estate.rekey("history", id, "--watch")
        #expect(watched.exit == .code(0) && watched.output.contains("promoted   as version"))
        let rows = try await estate.rekey("history", id, "--json")
        #expect(rows.output.contains(#""text":"done       promote""#), "\(rows.output)")
        worker.terminate()
    }

    @Test func `rotates with worker and gateway in two processes`() async throws {
        let estate = try await Estate.make()
        let worker = try estate.start("worker")
        try await eventually(within: .seconds(30), "both secrets are known") {
            try await estate.status().secrets.allSatisfy { $0.state != "unknown" }
        }
        let gateway = try await startGateway(of: estate)
        try await eventually(within: .seconds(30), "the gateway is ready") {
            guard gateway.isRunning else { throw PartFailure("it ended: \(gateway.errors)") }
            return try await estate.http.send(HTTPRequest(.get, estate.gateway + "/ready")).status
                == 200
        }
        try await estate.subscribe(.cloudEvents)
        try await estate.bringNearExpiry()
        #expect(try await estate.end(of: "orders-client") == "closed")
        for process in [gateway, worker] {
            process.terminate()
            #expect(try await process.waitForExit() == .code(0))
        }
    }

    /// As a user that may do what `deploy/rabbitmq` gives `rekey-gateway`, and nothing else.
    private func startGateway(of estate: Estate) async throws -> ChildProcess {
        let (user, password) = ("gateway-\(estate.number)", TestPassword.make())
        try await estate.rabbit.addUser(user, password: password)
        try await estate.rabbit.setPermissions(
            user,
            virtualHost: estate.virtualHost,
            configure: "^$",
            write: "^rekey\\.intake$",
            read: "^$"
        )
        let file = try estate.folder.write(password, to: "gateway-password")
        let configuration = try estate.writeConfiguration(
            [
                ("user: \(estate.rabbit.user)\n", "user: \(user)\n"),
                (estate.folder.file("rabbit"), file),
            ],
            to: "gateway.yaml"
        )
        return try ChildProcess(
            try BuiltProgram.path("rekey"),
            ["gateway", "--config", configuration]
        )
    }

    @Test(arguments: Estate.Schema.allCases)
    func `rotates a client secret that its vault says is near its end`(
        schema: Estate.Schema
    ) async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        #expect(try await estate.azure.signIn("orders-api", estate.firstSecret) == 200)
        try await estate.subscribe(schema)
        try await estate.bringNearExpiry()
        #expect(try await estate.end(of: "orders-client") == "closed")

        let now = try await estate.azure.value(
            of: "orders-client-secret",
            in: "app",
            as: "observer"
        )
        #expect(now != estate.firstSecret)
        #expect(try await estate.azure.signIn("orders-api", now) == 200)
        #expect(try await estate.azure.signIn("orders-api", estate.firstSecret) == 401)
        try await expectOneRotation(estate)
        try await expectNowhere([now, estate.firstSecret], estate, worker)
    }

    /// Nothing Rekey wrote holds a value: its log, its journal, what waits in queues.
    private func expectNowhere(
        _ values: [String],
        _ estate: Estate,
        _ worker: ChildProcess
    ) async throws {
        var places = [("log", worker.errors + worker.output)]
        for name in try FileManager.default.contentsOfDirectory(atPath: estate.folder.path)
        where name.hasPrefix("journal.db") {
            let data = FileManager.default.contents(atPath: estate.folder.file(name)) ?? Data()
            places.append((name, String(decoding: data, as: UTF8.self)))
        }
        #expect(places.count > 1)
        for value in values {
            for form in [value, Data(value.utf8).base64EncodedString()] {
                for (place, text) in places {
                    #expect(!text.contains(form), "a value is in \(place)")
                }
            }
        }
    }
}

/// One new secret, one version in each vault: what a single rotation leaves.
func expectOneRotation(
    _ estate: Estate,
    since sequence: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let changes = try await estate.azure.changes(since: sequence)
    #expect(changes.done("addPassword") == 1, sourceLocation: sourceLocation)
    #expect(changes.done("setSecret", vault: "app") == 1, sourceLocation: sourceLocation)
    #expect(changes.done("setSecret", vault: "staging") == 1, sourceLocation: sourceLocation)
    #expect(changes.done("removePassword") == 1, sourceLocation: sourceLocation)
}

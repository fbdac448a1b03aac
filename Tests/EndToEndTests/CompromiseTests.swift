import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A declared compromise on real parts` {
    private static let database = "orders-database"
    private static let client = "orders-client"

    /// An estate with an approval before, a window that is closed, a workload that never shows the
    /// new value, and hosts that are silent.
    private func estate(workloadIsMissing: Bool = true) async throws -> Estate {
        let estate = try await Estate.make()
        let user = "\"user:\(estate.rabbit.user)\""
        let facts = estate.azure.facts
        let followers = (workloadIsMissing ? "workloads: [portal]\n    " : "") + "hooks: [hosts]"
        try estate.writeConfiguration([
            ("grace: 1s", "grace: 1h\n    approval: \(workloadIsMissing)\n    \(closedWindow)"),
            (
                "request: [\(user)]",
                "request: [\(user)]\n  approve: [\(user)]\n  compromise: [\(user)]"
            ),
            (
                "carrier: app/orders-client-secret",
                "carrier: app/orders-client-secret\n    \(followers)"
            ),
            ("format: url}", "format: url}\n    \(followers)"),
            (
                "permissions:",
                """
                workloads:
                  portal:
                    http:
                      ca: \(estate.authority)
                      checks: [{url: "\(estate.gateway)/health", status: 204}]
                hooks:
                  hosts:
                    automation:
                      subscription: \(facts.subscription)
                      resourceGroup: \(facts.resourceGroup)
                      account: \(facts.automationAccount)
                      runbook: hosts
                      runOn: hosts
                permissions:
                """
            ),
        ])
        return estate
    }

    private static let utc = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// When the window opens: in three days, for an hour.
    private var opening: Date { Self.utc.startOfDay(for: Date()) + 3 * 86_400 + 3_600 }

    private var closedWindow: String {
        let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        let day = days[Self.utc.component(.weekday, from: opening) - 1]
        return "window: {zone: UTC, days: [\(day)], from: \"01:00\", to: \"02:00\"}"
    }

    private func hostsAppear(_ estate: Estate) async throws {
        try await estate.azure.control(.put, "/workers/hosts/host", ["lastSeenSecondsAgo": 0])
    }

    private func latest(_ secret: String, _ estate: Estate) async throws -> String {
        let stored = try await estate.azure.accepted().vaults["app"]?[secret]
        return try #require(stored?.latest)
    }

    private func value(_ secret: String, _ estate: Estate) async throws -> String {
        try await estate.azure.value(of: secret, in: "app", as: "observer")
    }

    private func declare(
        _ secret: String,
        _ version: String,
        _ estate: Estate,
        revokeBy: Date = Date() + 86_400
    ) async throws -> ChildProcess.Outcome {
        try await estate.rekey(
            "rotate",
            secret,
            "--reason=compromise",
            "--version=\(version)",
            "--revoke-by=\(Timestamp.text(revokeBy))"
        )
    }

    private func events(_ witness: Witness, _ type: String) throws -> [CloudEvent] {
        try witness.deliveries.filter { $0.properties.type == "rekey.\(type).v1" }
            .map { try CloudEvent(decoding: $0.body) }
    }

    @Test func `ends the named credential by its deadline though nobody has shown the new one`()
        async throws
    {
        let estate = try await estate()
        let worker = try await estate.startWorker()
        let witness = try await Witness(estate)
        let old = try StandIn.text(at: estate.folder.file("first-password"))
        let version = try await latest(Self.database, estate)
        let deadline = Date() + 20
        let rotate = try await declare(Self.database, version, estate, revokeBy: deadline)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        try await eventually(within: .seconds(30), "the new one is current") {
            try events(witness, "secret.promoted").count == 1
        }
        // Both work until the deadline, and there is no way back.
        let text = try await value(Self.database, estate)
        let new = try #require(URL(string: text)?.password)
        #expect(try await estate.canSignIn(estate.roles.second, new))
        #expect(try await estate.canSignIn(estate.roles.first, old))
        #expect(Date() < deadline, "too slow to have seen both")

        try await eventually(within: .seconds(60), "the deadline has passed") {
            try events(witness, "credential.revoke-by-passed").count == 1
        }
        #expect(Date() >= deadline)
        try await eventually(within: .seconds(30), "the old one is dead") {
            try await !estate.canSignIn(estate.roles.first, old)
        }
        #expect(try await estate.canSignIn(estate.roles.second, new))
        let cutOff = ["workload portal", "hook hosts"]
        let told = try #require(try events(witness, "credential.revoke-by-passed").first)
        #expect(told.content.cutOff == cutOff)
        let status = try await estate.rekey("status")
        for name in cutOff {
            #expect(status.output.contains("cut off: \(name)"), "\(status.output)")
        }

        try await hostsAppear(estate)
        #expect(try await estate.end(of: Self.database) == "closed")
        #expect(try events(witness, "rotation.completed").map(\.content.cutOff) == [cutOff])
        #expect(try events(witness, "rotation.awaiting-approval").isEmpty)
        #expect(try events(witness, "rotation.rolled-back").isEmpty)
        try expectUrgent(witness, of: try #require(told.correlationID))
        #expect(worker.isRunning)
    }

    /// Each event that wakes a step went to the urgent twins, and to no other queue.
    private func expectUrgent(_ witness: Witness, of rotation: String) throws {
        let steps = [
            "rotation.accepted", "candidate.staged", "secret.promoted", "rotation.verified",
        ]
        let keys = witness.deliveries.filter { $0.properties.correlationID == rotation }
            .map(\.routingKey)
        #expect(keys.filter { !$0.hasSuffix(".urgent") }.isEmpty)
        #expect(steps.allSatisfy { keys.contains("\($0).urgent") }, "\(keys)")
    }

    @Test func `makes a running rotation urgent, and another follows that replaces its value`()
        async throws
    {
        let estate = try await estate(workloadIsMissing: false)
        let worker = try await estate.startWorker()
        let witness = try await Witness(estate)
        #expect(try await estate.rekey("rotate", Self.client).exit == .code(0))
        try await eventually(within: .seconds(60), "it waits for its hosts") {
            try await estate.status().secrets.contains { $0.step == "hook" }
        }
        let between = try await value("orders-client-secret", estate)
        let first = try #require(try await estate.history(of: Self.client).first?.id)
        let version = try await latest("orders-client-secret", estate)
        let rotate = try await declare(Self.client, version, estate)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        #expect(rotate.output.contains("\(first) of \(Self.client) (already in flight)"))
        try await eventually(within: .seconds(30), "its hooks are left to the next") {
            try events(witness, "hooks.superseded").map(\.content.rotation) == [first]
        }
        let superseded = try #require(
            witness.deliveries.first { $0.properties.type == "rekey.hooks.superseded.v1" }
        )
        #expect(superseded.routingKey.hasSuffix(".urgent"), "\(superseded.routingKey)")
        try await hostsAppear(estate)
        #expect(try await estate.end(of: Self.client, count: 2) == "closed")
        #expect(try await estate.history(of: Self.client).map(\.state) == ["closed", "closed"])

        // Neither the first value nor the one that was made before the request works any more.
        let now = try await value("orders-client-secret", estate)
        #expect(try await estate.azure.signIn("orders-api", estate.firstSecret) == 401)
        #expect(try await estate.azure.signIn("orders-api", between) == 401)
        #expect(try await estate.azure.signIn("orders-api", now) == 200)
        #expect(try await estate.azure.changes().done("addPassword") == 2)
        let second = try #require(try await estate.history(of: Self.client).first?.id)
        try expectUrgent(witness, of: second)
        #expect(try await estate.rekey("status").output.contains("owed: ") == false)
        #expect(worker.isRunning)
    }

    @Test func `never goes back, and waits for neither its window nor a person`() async throws {
        let estate = try await estate()
        let worker = try await estate.startWorker()
        // A hint waits for the window, which shows that it is closed.
        try await estate.subscribe(.cloudEvents)
        try await estate.bringNearExpiry()
        let opening = Timestamp.text(opening)
        try await eventually(within: .seconds(60), "the hint is put off to \(opening)") {
            try await estate.rekey("status").output.contains(opening)
        }
        #expect(try await estate.history(of: Self.client).isEmpty)
        let rotate = try await estate.rekey("rotate", Self.client, "--reason", "compromise")
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        try await eventually(within: .seconds(60), "it waits for evidence") {
            try await estate.status().secrets.contains { $0.step == "verify" }
        }
        let rollback = try await estate.rekey("rollback", Self.client)
        expectError(rollback, 1, saying: "never restored")
        expectError(try await estate.rekey("reject", Self.client), 1, saying: "nobody was asked")
        #expect(try await estate.status().secrets.contains { $0.state == "rotating" })
        #expect(worker.isRunning)
    }

    @Test func `is refused to who may not declare it, and for a version that is not its own`()
        async throws
    {
        let estate = try await estate()
        let worker = try await estate.startWorker()
        let before = try await estate.azure.lastSequence()
        let other = try await latest("orders-client-secret", estate)
        for (version, word) in [
            (String(repeating: "0", count: 32), "no version 0"),
            (other, "no version \(other) of app/\(Self.database)"), ("../latest", "misspelt"),
        ] {
            let rotate = try await declare(Self.database, version, estate)
            expectError(rotate, 1, saying: "declined", word)
        }
        let routine = try await estate.rekey("rotate", Self.database, "--version", other)
        #expect(routine.exit == .code(64), "\(routine.errors)")
        #expect(routine.errors.contains("go with --reason compromise"), "\(routine.errors)")
        worker.terminate()
        try await worker.waitForExit()

        let compromise = "\n  compromise: [\"user:\(estate.rabbit.user)\"]"
        let text = try String(contentsOfFile: estate.configurationPath, encoding: .utf8)
        try estate.folder.write(text.replacing(compromise, with: ""), to: "rekey.yaml")
        let again = try await estate.startWorker()
        let refused = try await estate.rekey("rotate", Self.database, "--reason", "compromise")
        expectError(refused, 1, saying: "may not compromise", "permissions")
        let witness = try await Witness(estate)
        _ = await witness.publish(
            """
            {"specversion":"1.0","id":"anonymous-1","source":"outside",\
            "type":"rekey.rotation.requested.v1",\
            "data":{"secret":"\(Self.database)","reason":"compromise"}}
            """,
            EventProperties(messageID: "anonymous-1")
        )
        try await eventually("nobody in particular is refused") {
            try events(witness, "rotation.declined").contains {
                $0.content.detail?.contains("anonymous may not compromise") == true
            }
        }
        #expect(try await estate.history(of: Self.database).isEmpty)
        #expect(try await estate.azure.changes(since: before).writes.isEmpty)
        #expect(again.isRunning)
    }
}

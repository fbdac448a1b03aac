import Foundation
import RealParts
import RekeyCore
import StandInParts
import Synchronization
import Testing

// Cloudflare R2, 21 March 2025: the new credential went to the wrong environment, the old one was
// removed, and production could not sign in for an hour. Nobody could see which one it used.
// https://blog.cloudflare.com/cloudflare-incident-march-21-2025
@Suite(.serialized, .timeLimit(.minutes(15))) struct `A credential for the wrong environment` {
    private static let secret = "orders-client"

    /// Puts the value where its parameter says, whatever environment that is.
    private static let runbook = """
        #!/usr/bin/env python3
        import json, pathlib, sys
        parameters = json.load(sys.stdin)["parameters"]
        pathlib.Path(parameters["Path"]).write_text(parameters["ClientSecret"])

        """

    /// An application that says that it is well, whatever it holds.
    private func health() async throws -> (process: ChildProcess, url: String) {
        let folder = try TemporaryDirectory("health")
        try folder.write(#"{"status": "Healthy"}"#, to: "health")
        let port = try FreePort.next()
        let process = try ChildProcess(
            "python3",
            ["-m", "http.server", "--bind", "127.0.0.1", "--directory", folder.path, "\(port)"]
        )
        try await eventually(within: .seconds(30), "the application answers") {
            withExtendedLifetime(folder) { FreePort.isOpen(port) }
        }
        return (process, "http://127.0.0.1:\(port)/health")
    }

    private func estate(
        _ production: ProofShim,
        _ staging: ProofShim,
        health: String
    ) async throws -> Estate {
        var options = Estate.Options()
        options.runbook = Self.runbook
        let estate = try await Estate.make(options)
        try estate.folder.write(ProofShim.token, to: "workload-token")
        let facts = estate.azure.facts
        let user = "\"user:\(estate.rabbit.user)\""
        try estate.writeConfiguration([
            ("grace: 1s", "grace: 1s\n    deadlines: {verify: 2s}"),
            ("request: [\(user)]", "request: [\(user)]\n  approve: [\(user)]"),
            (
                "secrets:\n",
                """
                workloads:
                  production:
                    deliveredBy: hook
                    needs: proved
                    http:
                      checks: [{url: "\(health)", pointer: /status, equals: Healthy}]
                      challenge: "\(production.url)"
                      token: "file:\(estate.folder.file("workload-token"))"
                hooks:
                  deploy:
                    automation:
                      subscription: \(facts.subscription)
                      resourceGroup: \(facts.resourceGroup)
                      account: \(facts.automationAccount)
                      runbook: hosts
                      delivery: includeSecret
                      parameters: {Path: "\(staging.valuePath)"}
                secrets:

                """
            ),
            (
                "- name: orders-client\n",
                "- name: orders-client\n    workloads: [production]\n    hooks: [deploy]\n"
            ),
        ])
        return estate
    }

    @Test func `leaves the old one alive, and the alarm names who still uses it`() async throws {
        let production = try await ProofShim.start("production", of: Self.secret, holding: "")
        let staging = try await ProofShim.start("production", of: Self.secret, holding: "")
        let health = try await health()
        let estate = try await estate(production, staging, health: health.url)
        try production.hold(estate.firstSecret)
        let worker = try await estate.startWorker()
        let witness = try await Witness(estate)
        // Production signs in with what it holds, again and again.
        let answers = Mutex<[Int]>([])
        let reader = Task {
            while !Task.isCancelled {
                let status = try await estate.azure.signIn("orders-api", production.value)
                answers.withLock { $0.append(status) }
            }
        }
        let rotate = try await estate.rekey("rotate", Self.secret)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        try await eventually(within: .seconds(60), "somebody is alarmed") {
            witness.first(.rotationStuck) != nil
        }
        let why =
            "retire: workload production showed none of proved, "
            + "its challenge was answered by another value"
        #expect(witness.first(.rotationStuck)?.content.detail == why)
        let status = try await estate.status().secrets.first { $0.secret == Self.secret }
        #expect(status?.state == "stuck: \(why)")
        let metrics = try await estate.metrics()
        #expect(metrics["rekey_rotations_stuck"] == 1 && metrics["rekey_secrets_overdue"] == 0)
        #expect(metrics["rekey_last_sweep_timestamp_seconds"] ?? 0 > 1_700_000_000)
        let new = try staging.value
        #expect(try await estate.azure.signIn("orders-api", new) == 200)
        #expect(try await estate.azure.signIn("orders-api", estate.firstSecret) == 200)
        #expect(try await estate.azure.changes().done("removePassword") == 0)

        // Somebody delivers it to where it belongs.
        try production.hold(new)
        let resume = try await estate.rekey("resume", Self.secret)
        #expect(resume.exit == .code(0), "\(resume.errors)")
        #expect(try await estate.end(of: Self.secret) == "closed")
        #expect(try await estate.azure.signIn("orders-api", estate.firstSecret) == 401)
        reader.cancel()
        try? await reader.value  // Its last request was cancelled.
        let seen = answers.withLock { $0 }
        #expect(seen.count > 10 && seen.allSatisfy { $0 == 200 }, "\(seen)")
        #expect(worker.isRunning && health.process.isRunning)
    }
}

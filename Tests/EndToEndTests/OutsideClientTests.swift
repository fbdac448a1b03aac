import Foundation
import RealParts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `An outside AMQP client` {
    @Test func `asks for rotations and hears of them by the contracts`() async throws {
        let estate = try await Estate.make()
        let password = TestPassword.make()
        let user = "client-\(estate.number)"
        try await estate.rabbit.addUser(user, password: password)
        // Its own queues, to publish to the intake, and to read what Rekey says.
        try await estate.rabbit.setPermissions(
            user,
            virtualHost: estate.virtualHost,
            configure: "^client\\..*",
            write: "^(client\\..*|rekey\\.intake)$",
            read: "^(client\\..*|rekey\\.events)$"
        )
        try estate.writeConfiguration([
            ("request: [\"user:\(estate.rabbit.user)\"", "request: [\"user:\(user)\"")
        ])
        let worker = try await estate.startWorker()
        // Once it has swept, nothing but the client's event can tell it of the version, and the
        // rotation cannot be over before the client listens.
        try await eventually(within: .seconds(30), "it has swept") {
            try await estate.metrics()["rekey_last_sweep_timestamp_seconds"] != nil
        }
        let version = try await estate.bringNearExpiry()

        let root = Self.root
        let python = try await Self.python(root, estate.folder)
        var environment = ProcessInfo.processInfo.environment
        let port = estate.rabbit.tlsPort
        environment["AMQP_URL"] =
            "amqps://\(user):\(password)@localhost:\(port)/\(estate.virtualHost)"
        environment["REKEY_CA"] = estate.rabbit.caPath
        environment["REKEY_REQUESTED"] = "orders-database"
        environment["REKEY_NEAR_EXPIRY"] = "orders-client,orders-client-secret"
        environment["REKEY_VAULT_URL"] = estate.azure.facts.vaults["app"]
        environment["REKEY_VERSION"] = version
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        let outcome = try await ChildProcess.run(
            python,
            [
                "-m", "pytest", "-q", "-p", "no:cacheprovider",
                "\(root)/Tests/Conformance/test_rabbitmq.py",
            ],
            environment: environment,
            within: .seconds(200)
        )
        #expect(outcome.exit == .code(0), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("3 passed"), "\(outcome.output)")
        try await expectTooLong(estate)
        #expect(worker.isRunning)
    }

    /// What was longer than Rekey itself would publish is parked by the broker, and told of.
    private func expectTooLong(_ estate: Estate) async throws {
        try await eventually(within: .seconds(30), "what is too long is parked") {
            let list = try await estate.rekey("parked", "list")
            return list.output.contains("too-long")
                && list.output.contains("bytes, and 65536 are allowed")
        }
        let show = try await estate.rekey("parked", "show", "rekey.intake", "too-long")
        #expect(show.output.contains("it can only be discarded"), "\(show.output)")
        let parked = try await estate.metrics().first { $0.key.hasPrefix("rekey_events_parked") }
        #expect(parked?.value == 1, "\(String(describing: parked))")
    }

    /// The package's folder.
    private static var root: String {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    /// The environment that deploy/test.sh made, else one of this test alone.
    private static func python(_ root: String, _ folder: TemporaryDirectory) async throws -> String
    {
        let known = root + "/.build/conformance/bin/python"
        if FileManager.default.isExecutableFile(atPath: known) { return known }
        let own = folder.file("python")
        let made = try await ChildProcess.run("python3", ["-m", "venv", own])
        guard made.succeeded else { throw PartFailure("venv: \(made.errors.suffix(400))") }
        let installed = try await ChildProcess.run(
            own + "/bin/python",
            [
                "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--requirement", root + "/Tests/Conformance/requirements.txt",
            ],
            within: .seconds(200)
        )
        guard installed.succeeded else { throw PartFailure("pip: \(installed.errors.suffix(400))") }
        return own + "/bin/python"
    }
}

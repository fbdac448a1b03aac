import Foundation
import RealParts
import RekeyPlatform
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Rekey held wrong` {
    @Test func `says all mistakes of its configuration at once, with line and column`()
        async throws
    {
        let estate = try await Estate.make()
        let broken = try estate.writeConfiguration(
            [
                ("grace: 1s", "grace: soon"), ("stagingVault: staging", "stagingVault: nowhere"),
                ("installation: e2e", "installation: e2e\nunknownSection: 1"),
                ("sweepEvery: 300s", "sweepEvery: 7"),
            ],
            to: "broken.yaml"
        )
        let outcome = try await estate.rekey("check", config: broken)
        #expect(outcome.exit == .code(78))
        let errors = outcome.errors.split(separator: "\n").filter {
            $0.hasPrefix("rekey: error: ")
        }
        #expect(errors.count == 4, "\(outcome.errors)")
        let place = /rekey: error: \S*broken\.yaml:\d+:\d+: \S+/
        #expect(errors.allSatisfy { $0.prefixMatch(of: place) != nil }, "\(outcome.errors)")
        #expect(outcome.errors.contains("rekey: hint: "))
        let absent = try await estate.rekey("check", config: estate.folder.file("absent.yaml"))
        #expect(absent.exit == .code(78), "\(absent.errors)")
        #expect(absent.errors.contains("rekey: hint: "))
    }

    @Test func `cannot work without its broker, and says why`() async throws {
        let estate = try await Estate.make()
        try estate.folder.write("wrong", to: "wrong-password")
        let other = try await TestCA.make(name: "other")
        let tls = "localhost:\(estate.rabbit.tlsPort)"
        let cases: [(old: String, new: String, word: String)] = [
            (estate.folder.file("rabbit"), estate.folder.file("wrong-password"), "403"),
            (tls, "localhost:\(try FreePort.next())", "socket"),
            ("ca: \(estate.rabbit.caPath)\nazure", "ca: \(other.certificatePath)\nazure", "verif"),
            ("vhost: \(estate.virtualHost)", "vhost: nowhere", "530"),
        ]
        for one in cases {
            let file = try estate.writeConfiguration([(one.old, one.new)], to: "wrong.yaml")
            let run = try await estate.rekey("run", config: file)
            expectError(run, 69, saying: one.word)
        }
        let file = try estate.writeConfiguration(
            [(tls, "localhost:\(try FreePort.next())")],
            to: "wrong.yaml"
        )
        expectError(try await estate.rekey("rotate", "orders-client", config: file), 69)
    }

    @Test func `finds what is wrong in Azure when it checks`() async throws {
        let estate = try await Estate.make()
        try estate.folder.write("wrong", to: "wrong-secret")
        let secret = estate.azure.facts.applications["rekey"]?.passwordFiles?.first ?? ""
        let first = estate.azure.facts.vaults["app"] ?? ""
        let identity = try estate.writeConfiguration(
            [(secret, estate.folder.file("wrong-secret"))],
            to: "identity.yaml"
        )
        expectError(try await estate.rekey("check", config: identity), 69, saying: "AADSTS7000215")
        let vault = try estate.writeConfiguration(
            [("\"\(first)\"", "\"https://localhost:\(try FreePort.next())\"")],
            to: "vault.yaml"
        )
        expectError(try await estate.rekey("check", config: vault), 69, saying: "app")
        let host = try estate.writeConfiguration(
            [("\"\(first)\"", "\"\(first.replacing("localhost", with: "127.0.0.2"))\"")],
            to: "host.yaml"
        )
        expectError(try await estate.rekey("check", config: host), 69, saying: "app")
        try await estate.azure.control(
            .post,
            "/permissions/withdraw",
            ["principal": "rekey", "api": "keyvault", "permissions": ["get"]]
        )
        expectError(try await estate.rekey("check"), 69, saying: "403")
    }

    @Test func `finds what keeps it from the broker when it checks`() async throws {
        let estate = try await Estate.make()
        let password = "password: file:\(estate.folder.file("rabbit"))"
        let typo = try estate.writeConfiguration([(password, password + "t")], to: "typo.yaml")
        let unread = try await estate.rekey("check", config: typo)
        expectError(unread, 69, saying: "broker.password", "rabbitt cannot be opened")
        try estate.folder.write("wrong", to: "wrong-rabbit")
        let wrong = try estate.writeConfiguration(
            [(password, "password: file:\(estate.folder.file("wrong-rabbit"))")],
            to: "wrong.yaml"
        )
        let refused = try await estate.rekey("check", config: wrong)
        expectError(refused, 69, saying: "amqp_login: 403", "`broker.password`")
        let host = try estate.writeConfiguration(
            [("vhost: \(estate.virtualHost)", "vhost: nowhere")],
            to: "vhost.yaml"
        )
        expectError(try await estate.rekey("check", config: host), 69, saying: "`broker.vhost`")
    }

    /// Asks while no worker runs.
    private func waitForNobody(_ estate: Estate) async throws {
        let impatient = try await estate.rekey("rotate", "orders-client", "--answer-within", "0")
        #expect(impatient.exit == .code(64))
        #expect(impatient.errors.contains("--answer-within is 0.1 to 86400 seconds"))
        expectError(
            try await estate.rekey("rotate", "orders-client", "--answer-within", "0.5"),
            1,
            saying: "no worker answered",
            "within 0.5 seconds"
        )
    }

    @Test func `refuses a second worker, a taken port and a newer journal`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        expectError(try await estate.rekey("run"), 1, saying: "another rekey has")
        let journal = estate.folder.file("second.db")
        let free = "127.0.0.1:\(try FreePort.next())"
        let other = try estate.writeConfiguration(
            [
                (estate.journalPath, journal),
                (estate.gateway.replacing("https://localhost", with: "127.0.0.1"), free),
            ],
            to: "second.yaml"
        )
        expectError(try await estate.rekey("run", config: other), 69, saying: "RESOURCE_LOCKED")
        // It had begun to sweep before it held the owner's queue, and recorded both secrets.
        let second = try await estate.rekey("status", "--json", config: other)
        #expect(second.output.components(separatedBy: "unknown").count == 3, "\(second.output)")
        try await estate.rabbit.makeVirtualHost("\(estate.virtualHost)-port")
        let port = try estate.writeConfiguration(
            [
                (estate.journalPath, journal),
                ("vhost: \(estate.virtualHost)", "vhost: \(estate.virtualHost)-port"),
            ],
            to: "port.yaml"
        )
        expectError(try await estate.rekey("run", config: port), 69, saying: "in use")
        expectError(try await estate.rekey("rotate", "nothing"), 64, saying: "no secret is called")
        worker.terminate()
        try await worker.waitForExit()

        try await waitForNobody(estate)
        let newer = try await ChildProcess.run(
            "python3",
            [
                "-c",
                "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])",
                estate.journalPath,
                "PRAGMA user_version = 999; "
                    + "UPDATE journal SET value = 999 WHERE name = 'oldest'",
            ]
        )
        #expect(newer.succeeded, "\(newer.errors)")
        expectError(try await estate.rekey("run"), 1, saying: "newer")
    }
}

import Foundation
import RealParts
import StandInParts
import Testing

/// Wrong addresses and wrong credentials, each told apart from the others by its error and hint.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `Rekey pointed at the wrong place` {
    @Test func `says that the broker goes by another name`() async throws {
        let estate = try await Estate.make()
        let authority = try await TestCA.shared()
        let identity = try await authority.issue("other", names: ["DNS:other.example"])
        let port = try FreePort.next()
        let server = try ChildProcess(
            "openssl",
            [
                "s_server", "-quiet", "-accept", "127.0.0.1:\(port)",
                "-cert", identity.certificatePath, "-key", identity.keyPath,
            ]
        )
        try await eventually("the server listens") { FreePort.isOpen(port) }
        let tls = "localhost:\(estate.rabbit.tlsPort)"
        let file = try estate.writeConfiguration(
            [(tls, "localhost:\(port)"), (estate.rabbit.caPath, authority.certificatePath)],
            to: "name.yaml"
        )
        let run = try await estate.rekey("run", config: file)
        server.kill()
        expectError(run, 69, saying: "the name in that server's certificate", "localhost:\(port)")
    }

    @Test func `tells a missing vault from one that does not answer`() async throws {
        let estate = try await Estate.make()
        let first = "\"\(estate.azure.facts.vaults["app"] ?? "")\""
        let missing = try estate.writeConfiguration(
            [(first, "\"https://no-such-vault.invalid\"")],
            to: "missing.yaml"
        )
        let none = try await estate.rekey("check", config: missing)
        expectError(none, 69, saying: "no-such-vault.invalid", "does that vault exist")
        let silent = try estate.writeConfiguration(
            [(first, "\"https://localhost:\(try FreePort.next())\"")],
            to: "silent.yaml"
        )
        let refused = try await estate.rekey("check", config: silent)
        expectError(refused, 69, saying: "app", "is it up, and reachable")
        #expect(!refused.output.contains("does that vault exist"))
        let other = try estate.writeConfiguration(
            [("azure:\n", "azure:\n  cloud: usGovernment\n")],
            to: "cloud.yaml"
        )
        let foreign = try await estate.rekey("check", config: other)
        expectError(foreign, 69, saying: "app", "a token that this host must not have")
    }

    @Test func `tells a wrong password of PostgreSQL from a server that is not there`()
        async throws
    {
        let estate = try await Estate.make()
        try estate.folder.write("wrong", to: "wrong-administrator")
        let wrong = try estate.writeConfiguration(
            [(estate.folder.file("administrator"), estate.folder.file("wrong-administrator"))],
            to: "password.yaml"
        )
        let password = try await estate.rekey("check", config: wrong)
        expectError(password, 69, saying: "28P01", "its password's source")
        let away = try estate.writeConfiguration(
            [("port: \(estate.postgres.port)", "port: \(try FreePort.next())")],
            to: "away.yaml"
        )
        let absent = try await estate.rekey("check", config: away)
        expectError(absent, 69, saying: "PQconnectPoll: unreachable", "is it up")
        #expect(!absent.output.contains("28P01"))
        let database = try estate.writeConfiguration(
            [("database: \(estate.roles.database)", "database: nowhere")],
            to: "database.yaml"
        )
        expectError(try await estate.rekey("check", config: database), 69, saying: "3D000")
    }

    @Test func `tells Entra's refusals apart`() async throws {
        let estate = try await Estate.make()
        let secret = estate.azure.facts.applications["rekey"]?.passwordFiles?.first ?? ""
        try estate.folder.write("wrong", to: "wrong-secret")
        let wrong = try estate.writeConfiguration(
            [(secret, estate.folder.file("wrong-secret"))],
            to: "secret.yaml"
        )
        let refused = try await estate.rekey("check", config: wrong)
        expectError(refused, 69, saying: "AADSTS7000215", "azure.identity")
        let client = estate.azure.facts.applications["rekey"]?.appId ?? ""
        let unknown = try estate.writeConfiguration(
            [("client: \(client)", "client: 99999999-0000-0000-0000-000000000000")],
            to: "client.yaml"
        )
        let stranger = try await estate.rekey("check", config: unknown)
        expectError(stranger, 69, saying: "AADSTS700016", "azure.identity")
    }
}

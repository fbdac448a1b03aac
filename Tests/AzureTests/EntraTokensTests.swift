import AzureKeyVault
import Foundation
import RealParts
import RekeyAzure
import RekeyCore
import RekeyPlatform
import StandInParts
import Synchronization
import Testing

/// A clock that a test sets.
final class SetTime: Sendable {
    private let date = Mutex(Date())
    var now: Date { date.withLock(\.self) }
    func advance(_ seconds: Double) { date.withLock { $0 += seconds } }
}

@Suite struct `Entra tokens` {
    private let graph = "https://graph.microsoft.com"

    private func tokens(
        _ identity: EntraIdentity,
        _ standIn: StandIn,
        _ time: SetTime = SetTime()
    ) -> EntraTokens {
        EntraTokens(
            identity,
            environment: standIn.environment,
            http: standIn.http,
            now: { time.now },
            pause: { _ in }
        )
    }

    /// An application of one's own, so that its sign-ins can be counted.
    private func identity(_ standIn: StandIn) async throws -> (EntraIdentity, client: String) {
        let (_, facts) = try await standIn.makeApplication()
        let secret = try StandIn.secret(at: try #require(facts.passwordFiles?.first))
        let identity = EntraIdentity.clientSecret(
            tenant: standIn.facts.tenant,
            client: facts.appId,
            secret: { secret }
        )
        return (identity, facts.appId)
    }

    private func signIns(_ standIn: StandIn, _ client: String) async throws -> Int {
        try await standIn.changes().filter { $0.principal == client && $0.operation == "token" }
            .count
    }

    @Test func `are asked for once, however many ask`() async throws {
        let standIn = try await StandIn.shared()
        let (identity, client) = try await identity(standIn)
        let tokens = tokens(identity, standIn)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = try await tokens.token(for: graph, claims: nil) }
            }
            try await group.waitForAll()
        }
        #expect(try await signIns(standIn, client) == 1)
    }

    @Test func `are renewed five minutes before their end`() async throws {
        let standIn = try await StandIn.shared()
        let (identity, client) = try await identity(standIn)
        let time = SetTime()
        let tokens = tokens(identity, standIn, time)
        let first = try await tokens.token(for: graph, claims: nil)
        time.advance(first.expires.timeIntervalSince(time.now) - 310)
        #expect(try await tokens.token(for: graph, claims: nil).secret == first.secret)
        time.advance(20)
        #expect(try await tokens.token(for: graph, claims: nil).secret != first.secret)
        #expect(try await signIns(standIn, client) == 2)
    }

    @Test func `are asked for anew when a resource makes claims, or refuses one`() async throws {
        let standIn = try await StandIn.shared()
        let (identity, client) = try await identity(standIn)
        let tokens = tokens(identity, standIn)
        _ = try await tokens.token(for: graph, claims: nil)
        _ = try await tokens.token(for: graph, claims: #"{"access_token":{}}"#)
        await tokens.forget(graph)
        _ = try await tokens.token(for: graph, claims: nil)
        #expect(try await signIns(standIn, client) == 3)
    }

    @Test func `are not got with a wrong secret, which is not quoted`() async throws {
        let standIn = try await StandIn.shared()
        let rekey = try standIn.application("rekey")
        let wrong = Secret(text: "mark-of-a-wrong-secret")
        let identity = EntraIdentity.clientSecret(
            tenant: standIn.facts.tenant,
            client: rekey.appId,
            secret: { wrong }
        )
        let failure = await #expect(throws: StepFailure.self) {
            try await tokens(identity, standIn).token(for: graph, claims: nil)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("AADSTS7000215") == true)
        #expect(failure?.reason.contains("mark-of") == false)
    }

    // The secret that Rekey itself was given a minute ago had not spread, and everything under way
    // got stuck, though the token at hand was good for five minutes more.
    @Test func `bridge a time in which Rekey itself is refused`() async throws {
        let standIn = try await StandIn.shared()
        let (_, facts) = try await standIn.makeApplication()
        let right = try StandIn.secret(at: try #require(facts.passwordFiles?.first))
        let present = Mutex(right)
        let identity = EntraIdentity.clientSecret(
            tenant: standIn.facts.tenant,
            client: facts.appId,
            secret: { present.withLock(\.self) }
        )
        let time = SetTime()
        let tokens = tokens(identity, standIn, time)
        let first = try await tokens.token(for: graph, claims: nil)
        present.withLock { $0 = Secret(text: "not-spread-yet") }
        time.advance(first.expires.timeIntervalSince(time.now) - 200)
        #expect(try await tokens.token(for: graph, claims: nil).secret == first.secret)
        time.advance(201)
        await #expect(throws: StepFailure.self) {
            try await tokens.token(for: graph, claims: nil)
        }
    }

    // It was permanent, so each rotation that was under way waited for a person afterwards.
    @Test func `that cannot be had fail a call for the time being`() async throws {
        let standIn = try await StandIn.shared()
        let (_, facts) = try await standIn.makeApplication()
        let identity = EntraIdentity.clientSecret(
            tenant: standIn.facts.tenant,
            client: facts.appId,
            secret: { Secret(text: "not-spread-yet") }
        )
        let url = try #require(standIn.facts.vaults["app"])
        var settings = AzureKeyVaultSettings(
            name: "app",
            url: url,
            environment: standIn.environment
        )
        settings.verifiesChallengeResource = false
        let vault = try AzureKeyVault(
            settings,
            http: standIn.http,
            tokens: tokens(identity, standIn)
        )
        let failure = await #expect(throws: StepFailure.self) { try await vault.latest("any") }
        #expect(failure?.kind == .transient)
        #expect(failure?.reason.contains("AADSTS7000215") == true, "\(failure?.reason ?? "")")
    }

    @Test func `are got with a certificate`() async throws {
        let standIn = try await StandIn.shared()
        let rekey = try standIn.application("rekey")
        let pem = try StandIn.secret(at: try #require(rekey.certificateFile))
        let certificate = try ClientCertificate(
            Certificate(pem: pem.bytes),
            key: PrivateKey(pem: pem)
        )
        let identity = EntraIdentity.certificate(
            tenant: standIn.facts.tenant,
            client: rekey.appId,
            certificate
        )
        let token = try await tokens(identity, standIn).token(for: graph, claims: nil)
        #expect(token.secret.byteCount > 0)
        #expect(throws: StepFailure.self) {
            try ClientCertificate(Certificate(pem: pem.bytes), key: PrivateKey.generate(.rsa2048))
        }
    }

    @Test func `are got with a federated token, which is read again`() async throws {
        let standIn = try await StandIn.shared()
        let rekey = try standIn.application("rekey")
        let good = try #require(rekey.federatedTokenFile)
        let directory = try TemporaryDirectory("federated")
        let file = directory.file("token.jwt")
        try FileManager.default.copyItem(atPath: good, toPath: file)
        let time = SetTime()
        let identity = EntraIdentity.federated(
            tenant: standIn.facts.tenant,
            client: rekey.appId,
            file: file
        )
        let tokens = tokens(identity, standIn, time)
        _ = try await tokens.token(for: graph, claims: nil)
        try Data("not a token".utf8).write(to: URL(fileURLWithPath: file))
        // Within ten minutes the one read before serves other resources too.
        _ = try await tokens.token(for: "https://vault.azure.net", claims: nil)
        time.advance(601)
        await #expect(throws: StepFailure.self) {
            try await tokens.token(for: "https://management.azure.com", claims: nil)
        }
    }

    @Test func `are got from the machine's identity, and the app's`() async throws {
        let standIn = try await StandIn.shared()
        let header = try StandIn.secret(at: standIn.facts.identityHeader)
        let hosts: [ManagedIdentity.Host] = [
            .metadata(endpoint: standIn.facts.identity),
            .app(endpoint: "\(standIn.facts.identity)/msi/token", header: header),
        ]
        for host in hosts {
            let tokens = tokens(.managed(ManagedIdentity(host)), standIn)
            let token = try await tokens.token(for: "https://vault.azure.net", claims: nil)
            #expect(token.expires > Date())
        }
    }

    @Test func `are asked for again where the machine's identity is not ready`() async throws {
        let standIn = try await StandIn.start()
        let identity = ManagedIdentity(.metadata(endpoint: standIn.facts.identity))
        let fault = StandIn.Fault(
            api: "identity",
            operation: "managedIdentity",
            kind: "status",
            fields: ["status": 410],
            count: 6
        )
        try await standIn.inject(fault)
        let token = try await tokens(.managed(identity), standIn).token(for: graph, claims: nil)
        #expect(token.secret.byteCount > 0)

        var missing = fault
        missing.fields = ["status": 400]
        missing.count = 1
        try await standIn.inject(missing)
        let failure = await #expect(throws: StepFailure.self) {
            try await tokens(.managed(identity), standIn).token(for: graph, claims: nil)
        }
        #expect(failure?.kind == .permanent)
    }
}

import AzureKeyVault
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

/// Tokens that count how often they were asked for.
actor CountingTokens: TokenSource {
    private let source: any TokenSource
    private(set) var count = 0

    init(_ source: any TokenSource) { self.source = source }

    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        count += 1
        return try await source.token(for: resource, claims: claims)
    }

    func forget(_ resource: String) async { await source.forget(resource) }
}

@Suite struct `An Azure key vault lets in` {
    private func settings(_ opened: OpenVault) -> AzureKeyVaultSettings {
        AzureKeyVaultSettings(
            name: "app",
            url: opened.url,
            environment: opened.standIn.environment
        )
    }

    @Test func `no token to a host outside the resource that it names`() async throws {
        let opened = try await OpenVault.make()
        let tokens = CountingTokens(try opened.standIn.tokens())
        let vault = try AzureKeyVault(settings(opened), http: opened.standIn.http, tokens: tokens)
        let failure = await #expect(throws: StepFailure.self) { try await vault.latest("a") }
        #expect(failure?.kind == .permanent)
        #expect(await tokens.count == 0)
        #expect(try await opened.requests().allSatisfy { $0.principal == nil })
    }

    @Test func `no token for another resource than the environment's`() async throws {
        let opened = try await OpenVault.make()
        var settings = settings(opened)
        settings.verifiesChallengeResource = false
        settings.environment.vaultResource = "https://vault.azure.cn"
        let tokens = CountingTokens(try opened.standIn.tokens())
        let vault = try AzureKeyVault(settings, http: opened.standIn.http, tokens: tokens)
        let failure = await #expect(throws: StepFailure.self) { try await vault.latest("a") }
        #expect(failure?.kind == .permanent)
        #expect(await tokens.count == 0)
    }

    @Test func `nobody over http`() async throws {
        let opened = try await OpenVault.make()
        var settings = settings(opened)
        settings.url = "http://localhost:1"
        #expect(throws: StepFailure.self) {
            try AzureKeyVault(
                settings,
                http: opened.standIn.http,
                tokens: try opened.standIn.tokens()
            )
        }
    }

    @Test func `nobody whose certificate it does not trust`() async throws {
        let opened = try await OpenVault.make()
        var settings = settings(opened)
        settings.verifiesChallengeResource = false
        let vault = try AzureKeyVault(
            settings,
            http: HTTPClient(trust: .system, name: "untrusting"),
            tokens: try opened.standIn.tokens()
        )
        let failure = await #expect(throws: StepFailure.self) {
            try await vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("certificate") == true)
        #expect(try await opened.requests().isEmpty)
    }

    @Test func `nobody where nobody listens, for now`() async throws {
        let opened = try await OpenVault.make()
        var settings = settings(opened)
        settings.url = "https://localhost:1"
        let vault = try AzureKeyVault(
            settings,
            http: opened.standIn.http,
            tokens: try opened.standIn.tokens()
        )
        let failure = await #expect(throws: StepFailure.self) {
            try await vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .transient)
    }

    @Test func `a reader, and tells a missing right`() async throws {
        let opened = try await OpenVault.make(permissions: ["get"])
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("Forbidden") == true)
        let absent = try await opened.vault.latest("a")
        #expect(absent == nil)
    }

    @Test func `a preflight that only reads`() async throws {
        let opened = try await OpenVault.make()
        let vault = opened.vault
        let tags = Dictionary(uniqueKeysWithValues: (0..<12).map { ("t\($0)", "x") })
        _ = try await vault.write(entry("1", tags: tags), as: "crowded")
        let disabled = try await vault.write(entry("1"), as: "disabled")
        try await vault.disable(disabled, of: "disabled")
        let last = try await opened.standIn.lastSequence()

        let fresh = try await vault.preflight("fresh")
        #expect(fresh.map(\.severity) == [.note])
        let crowded = try await vault.preflight("crowded")
        #expect(crowded.map(\.severity) == [.problem, .note])
        let off = try await vault.preflight("disabled")
        #expect(off.map(\.severity) == [.note])
        #expect(try await opened.requests(since: last).allSatisfy { $0.method == "GET" })
    }

    @Test func `a preflight that sees a missing right to read`() async throws {
        let opened = try await OpenVault.make(permissions: ["set"])
        let findings = try await opened.vault.preflight("a")
        #expect(findings.first?.severity == .problem)
        #expect(findings.first?.hint != nil)
    }

    @Test func `a reader that may not list, and knows no disabled version's id`() async throws {
        let opened = try await OpenVault.make(permissions: ["get", "set"])
        let id = try await opened.vault.write(entry("1"), as: "a")
        try await opened.vault.disable(id, of: "a")
        let latest = try #require(try await opened.vault.latest("a"))
        #expect(latest.id == AzureKeyVault.unsettledVersion)
        #expect(!latest.isEnabled)
        #expect(latest.value == nil)
    }
}

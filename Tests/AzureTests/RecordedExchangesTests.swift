import AzureKeyVault
import EntraApplicationTarget
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@Suite struct `What Azure really answered` {
    private func vault(
        _ recorded: RecordedExchanges,
        _ url: String,
        _ tokens: SameToken = SameToken()
    ) throws -> AzureKeyVault {
        var settings = AzureKeyVaultSettings(name: "app", url: url)
        settings.apiVersion = "7.0"
        return try AzureKeyVault(settings, http: recorded, tokens: tokens)
    }

    @Test func `is understood from a secret's challenge to its disabling`() async throws {
        let recorded = try RecordedExchanges("kv-crud-challenge", [1, 2, 3, 4, 5, 6])
        let tokens = SameToken()
        let url = "https://vault458ad70cc7d267137a.vault.azure.net"
        let vault = try vault(recorded, url, tokens)
        let name: SecretName = "crud-secret"
        let value = Secret(text: "crud_secret_valued267137a")

        let first = try await vault.write(VaultEntry(value: value), as: name)
        #expect(first == "0b31729e2750416caba40429a1f3bea4")
        let expires = Date(timeIntervalSince1970: 2_527_401_600)
        let entry = VaultEntry(
            value: value,
            expires: expires,
            contentType: "password",
            tags: ["foo": "created tag"]
        )
        let second = try await vault.write(entry, as: name)
        let latest = try #require(try await vault.latest(name))
        #expect(latest.id == second)
        #expect(latest.value == value)
        #expect(latest.expires == expires)
        #expect(latest.created == Date(timeIntervalSince1970: 1_571_703_761))
        #expect(latest.contentType == "password")
        #expect(latest.tags == entry.tags)
        #expect(try await vault.version(second, of: name)?.value == value)
        try await vault.disable(second, of: name)

        #expect(recorded.unused == 0)
        #expect(recorded.sent.map(\.method) == ["GET", "PUT", "PUT", "GET", "GET", "PATCH"])
        #expect(recorded.sent.allSatisfy { $0.url.hasPrefix("\(url)/secrets/crud-secret") })
        #expect(recorded.sent.map { $0.headerNames.contains("authorization") }.first == false)
        #expect(recorded.sent.first?.body == nil)
        #expect(Set(tokens.resources) == ["https://vault.azure.net"])
    }

    @Test func `is read page by page, with the port that its links spell out`() async throws {
        let recorded = try RecordedExchanges("kv-list-versions-paged", [1, 9, 10, 11, 12])
        let url = "https://vault458ad70cc733a90fd8.vault.azure.net"
        let versions = try await vault(recorded, url).versions(of: "secVer33a90fd8")
        #expect(versions.count == 7)
        // One second, so the order of the list says nothing.
        #expect(Set(versions.map(\.created)).count == 1)
        #expect(versions.map(\.id) == versions.map(\.id).sorted())
        #expect(recorded.sent.allSatisfy { $0.url.hasPrefix("\(url)/secrets/") })
    }

    @Test func `is not followed to another host`() async throws {
        let recorded = try RecordedExchanges("kv-list-versions-paged", [1, 9, 10]) { exchange in
            let body = exchange.response.body.replacingOccurrences(
                of: ".vault.azure.net:443/secrets/secVer33a90fd8/versions",
                with: ".vault.azure.net.evil.example/secrets/secVer33a90fd8/versions"
            )
            return RecordedExchanges.Exchange(
                tag: exchange.tag,
                seq: exchange.seq,
                request: exchange.request,
                response: .init(
                    status: exchange.response.status,
                    headers: exchange.response.headers,
                    body: body
                )
            )
        }
        let url = "https://vault458ad70cc733a90fd8.vault.azure.net"
        let vault = try vault(recorded, url)
        let failure = await #expect(throws: StepFailure.self) {
            try await vault.versions(of: "secVer33a90fd8")
        }
        #expect(failure?.kind == .permanent)
        #expect(recorded.sent.count == 2)
        #expect(recorded.sent.allSatisfy { $0.url.hasPrefix("\(url)/") })
    }

    @Test func `is understood from finding an application to removing a secret`() async throws {
        let recorded = try RecordedExchanges("graph-app-credential", [1, 2, 3, 4, 3])
        var settings = EntraApplicationSettings(
            name: "cli",
            tenantID: "72f988bf-86f1-41af-91ab-2d7cd011db47",
            applicationID: "fa4e0000-0000-4000-8000-000000000001"
        )
        settings.labelPrefix = ""
        settings.settling.agreeingReads = 1
        settings.settling.absenceWindow = .zero
        let tokens = SameToken()
        let target = try EntraApplicationTarget(settings, http: recorded, tokens: tokens)
        let issued = try await target.issue("key1", expires: nil)
        #expect(issued.account == "fa4e0000-0000-4000-8000-000000000003")
        #expect(issued.secret == Secret(text: "replaced-microsoft-graph-password"))
        #expect(issued.expires == Date(timeIntervalSince1970: 1_715_064_763))
        #expect(try await target.issued("key1") == [issued.account])
        let fence = Fence(installation: "i", credential: "c", sequence: 1, epoch: 1)
        try await target.retire("fa4e0000-0000-4000-8000-000000000004", fence: fence)
        #expect(recorded.unused == 0)
        #expect(Set(tokens.resources) == ["https://graph.microsoft.com"])
    }

    @Test func `is followed until an operation has really succeeded`() async throws {
        let recorded = try RecordedExchanges("cosmos-regenerate-lro", [3, 4, 5, 6])
        let client = try ARMClient(
            environment: .publicCloud,
            http: recorded,
            tokens: SameToken(),
            pause: { _ in }
        )
        let id = "/subscriptions/s/providers/Microsoft.DocumentDB/databaseAccounts/a"
        let response = try await client.send(
            "regenerateKey",
            .post,
            "\(id)/regenerateKey",
            version: "2020-03-01",
            body: try JSONBody.plain(["keyKind": "primary"]),
            effect: .once
        )
        let operation = try #require(
            ARMOperation(response, "regenerateKey", id: id, version: "2020-03-01")
        )
        // `Enqueued` and `Dequeued` are no ends.
        try await client.finish(operation, within: .seconds(60))
        #expect(recorded.unused == 0)
        #expect(recorded.sent.suffix(3).allSatisfy { $0.url.contains("/operationsStatus/") })
    }

    @Test func `leaves the outcome open when its status cannot be read`() async throws {
        let recorded = try RecordedExchanges("cosmos-regenerate-lro", [3]) { exchange in
            var headers = exchange.response.headers
            headers["azure-asyncoperation"] = "https://evil.example/status"
            return RecordedExchanges.Exchange(
                tag: exchange.tag,
                seq: exchange.seq,
                request: exchange.request,
                response: .init(status: 202, headers: headers, body: exchange.response.body)
            )
        }
        let client = try ARMClient(
            environment: .publicCloud,
            http: recorded,
            tokens: SameToken(),
            pause: { _ in }
        )
        let response = try await client.send("x", .post, "/x", version: "1", effect: .once)
        let operation = try #require(ARMOperation(response, "x", id: "/x", version: "1"))
        let failure = await #expect(throws: AzureFailure.self) {
            try await client.finish(operation, within: .seconds(60))
        }
        #expect(failure?.kind == .unknown)
        #expect(recorded.sent.count == 1)
    }
}

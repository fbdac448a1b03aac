import AzureKeyVault
import Foundation
import PortConformance
import RealParts
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

/// A vault of the stand-in for one test, and how it is opened.
struct OpenVault {
    let standIn: StandIn
    let name: String
    let url: String
    let vault: AzureKeyVault

    static func make(
        permissions: [String] = ["get", "list", "set", "delete", "recover", "purge"],
        timeout: Duration = .seconds(30)
    ) async throws -> OpenVault {
        let standIn = try await StandIn.shared()
        let (name, url) = try await standIn.makeVault(permissions: permissions)
        var settings = AzureKeyVaultSettings(
            name: VaultName(name),
            url: url,
            environment: standIn.environment
        )
        settings.verifiesChallengeResource = false
        settings.timeout = timeout
        let vault = try AzureKeyVault(
            settings,
            http: standIn.http,
            tokens: try standIn.tokens()
        )
        return OpenVault(standIn: standIn, name: name, url: url, vault: vault)
    }

    func inject(
        _ kind: String,
        on operation: String,
        _ fields: [String: Any] = [:],
        count: Int = 1
    ) async throws {
        try await standIn.inject(
            StandIn.Fault(
                operation: operation,
                vault: name,
                kind: kind,
                fields: fields,
                count: count
            )
        )
    }

    /// Deletes a secret as its owner might.
    func delete(_ name: String) async throws {
        let client = AzureClient(
            name: "owner",
            origin: try #require(WebOrigin(url)),
            http: standIn.http,
            tokens: try standIn.tokens()
        )
        let path = "/secrets/\(name)?api-version=7.4"
        let request = AzureRequest("deleteSecret", .delete, path, effect: .once)
        _ = try await client.send(request, for: standIn.environment.vaultResource)
    }

    /// The requests that reached this vault.
    func requests(since sequence: Int = 0) async throws -> [StandIn.Change] {
        try await standIn.changes(since: sequence).filter { $0.vault == name }
    }
}

func entry(_ text: String, tags: [String: String] = [:]) -> VaultEntry {
    VaultEntry(value: Secret(text: text), tags: tags)
}

@Suite struct `An Azure key vault` {
    @Test(arguments: VaultConformance.all)
    func `keeps the promises of its port`(_ conformance: VaultConformance) async throws {
        let opened = try await OpenVault.make()
        try await conformance.check { opened.vault }
    }

    @Test func `gives each version the address that anybody reads it by`() async throws {
        let open = try await OpenVault.make()
        let id = try await open.vault.write(VaultEntry(value: Secret(copying: "v".utf8)), as: "db")
        #expect(open.vault.uri(of: id, "db") == "\(open.url)/secrets/db/\(id)")
        #expect(open.vault.uri(of: AzureKeyVault.unsettledVersion, "db") == nil)
    }

    @Test func `sends no token and no body before it was asked for one`() async throws {
        let opened = try await OpenVault.make()
        _ = try await opened.vault.write(entry("1"), as: "a")
        let requests = try await opened.requests()
        #expect(requests.map(\.method) == ["GET", "PUT"])
        #expect(requests.map(\.status) == [401, 200])
        #expect(requests.first?.principal == nil)
    }

    @Test func `finds by its tag what a lost answer left behind`() async throws {
        let opened = try await OpenVault.make()
        _ = try await opened.vault.write(entry("1"), as: "a")
        try await opened.inject("drop-after", on: "setSecret")
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("2", tags: ["rekey-write": "r/1"]), as: "a")
        }
        #expect(failure?.kind == .unknown)
        let latest = try #require(try await opened.vault.latest("a"))
        #expect(latest.tags["rekey-write"] == "r/1")
        #expect(latest.value == Secret(text: "2"))
        // Nothing below resent the PUT.
        #expect(try await opened.requests().filter { $0.method == "PUT" }.count == 2)
    }

    // A worker that had stood still made its call when another one had ended the rotation.
    @Test func `is read, but not written, once the time for a call is over`() async throws {
        let opened = try await OpenVault.make()
        _ = try await opened.vault.write(entry("1"), as: "a")
        try await CallWindow.$current.withValue(CallWindow { true }) {
            let failure = await #expect(throws: StepFailure.self) {
                try await opened.vault.write(entry("2"), as: "a")
            }
            #expect(failure?.kind == .transient)
            #expect(failure?.reason.hasSuffix(CallWindow.reason) == true)
            let latest = try await opened.vault.latest("a")
            #expect(latest?.value == Secret(text: "1"))
        }
        #expect(try await opened.requests().filter { $0.method == "PUT" }.count == 1)
    }

    @Test func `does not know after a timeout, though nothing happened`() async throws {
        let opened = try await OpenVault.make(timeout: .milliseconds(700))
        try await opened.inject("timeout", on: "setSecret", ["seconds": 5])
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .unknown)
        let absent = try await opened.vault.latest("a")
        #expect(absent == nil)
    }

    @Test(arguments: [500, 502, 503])
    func `does not know after a server's error to a PUT`(status: Int) async throws {
        let opened = try await OpenVault.make()
        try await opened.inject("status", on: "setSecret", ["status": status])
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .unknown)
        #expect(failure?.reason.contains("\(status)") == true)
    }

    @Test func `may try a read again after an error or a dropped connection`() async throws {
        let opened = try await OpenVault.make()
        _ = try await opened.vault.write(entry("1"), as: "a")
        try await opened.inject("status", on: "getSecret", ["status": 503])
        let error = await #expect(throws: StepFailure.self) { try await opened.vault.latest("a") }
        #expect(error?.kind == .transient)
        // More than once, as libcurl repeats a read whose connection turned out to be dead.
        try await opened.inject("drop", on: "getSecret", count: 3)
        let drop = await #expect(throws: StepFailure.self) { try await opened.vault.latest("a") }
        #expect(drop?.kind == .transient)
    }

    @Test func `hands on how long a throttled vault wants to be left alone`() async throws {
        let opened = try await OpenVault.make()
        try await opened.inject("throttle", on: "setSecret", ["retryAfter": 60])
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .transient)
        #expect(failure?.retryAfterSeconds == 60)
        // Until then nobody bothers the vault.
        let before = try await opened.requests().count
        let next = await #expect(throws: StepFailure.self) { try await opened.vault.latest("a") }
        #expect(next?.kind == .transient)
        #expect((50...60).contains(next?.retryAfterSeconds ?? 0))
        #expect(try await opened.requests().count == before)
    }

    @Test func `takes a 429 without Retry-After as transient too`() async throws {
        let opened = try await OpenVault.make()
        try await opened.inject("throttle", on: "setSecret")
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .transient)
        _ = try await opened.vault.write(entry("1"), as: "a")
    }

    @Test func `refuses a deleted name, and says what to do`() async throws {
        let opened = try await OpenVault.make()
        _ = try await opened.vault.write(entry("1"), as: "a")
        try await opened.delete("a")
        try await eventually("the deleted name is listed") {
            try await opened.vault.preflight("a").contains { $0.severity == .problem }
        }
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("ObjectIsDeletedButRecoverable, recover or purge") == true)
    }

    @Test(arguments: ["ObjectIsBeingRecovered", "ObjectIsBeingDeleted"])
    func `tries again while a secret is on its way`(code: String) async throws {
        let opened = try await OpenVault.make()
        let conflict = ["status": 409, "code": code] as [String: Any]
        try await opened.inject("status", on: "setSecret", conflict)
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.write(entry("1"), as: "a")
        }
        #expect(failure?.kind == .transient)
    }

    @Test func `refuses a name that Key Vault does not allow`() async throws {
        let opened = try await OpenVault.make()
        for name in ["", "a/b", "a?b", "ü", String(repeating: "a", count: 128)] {
            let failure = await #expect(throws: StepFailure.self) {
                try await opened.vault.latest(SecretName(name))
            }
            #expect(failure?.kind == .permanent)
        }
        #expect(try await opened.requests().isEmpty)
    }

    @Test func `lists every version over several pages`() async throws {
        let opened = try await OpenVault.make()
        var ids: Set<VersionID> = []
        for number in 0..<30 {
            ids.insert(try await opened.vault.write(entry("\(number)"), as: "a"))
        }
        let listed = try await opened.vault.versions(of: "a")
        #expect(Set(listed.map(\.id)) == ids)
        #expect(listed.count == 30)
        #expect(listed.allSatisfy { $0.value == nil })
        #expect(try await opened.requests().filter { $0.operation == "listVersions" }.count > 1)
        #expect(try await opened.vault.versions(of: "b").isEmpty)
    }
}

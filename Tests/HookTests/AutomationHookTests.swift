import AutomationHook
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Synchronization
import Testing

@Suite struct `A runbook` {
    private let arm = ScriptedARM()

    private func hook(
        _ delivery: AutomationHookSettings.Delivery = .reference,
        runOn: String? = nil,
        parameters: [String: String] = [:],
        now: String = "2026-11-21T12:00:10Z"
    ) throws -> AutomationHook {
        let environment = AzureEnvironment(
            authority: "https://login.test",
            graph: "https://graph.test",
            graphResource: "https://graph.test",
            resourceManager: "https://arm.test",
            resourceManagerResource: "https://arm.test",
            vaultSuffix: "vault.test"
        )
        let settings = AutomationHookSettings(
            name: "hosts",
            subscription: "s",
            resourceGroup: "g",
            account: "a",
            runbook: "update-hosts",
            runOn: runOn,
            parameters: parameters,
            delivery: delivery
        )
        let time = try #require(Timestamp.date(now))
        let client = try ARMClient(environment: environment, http: arm, tokens: SameToken())
        return AutomationHook(settings, arm: client, now: { time })
    }

    private static let version = CarrierVersion(
        vault: "production",
        name: "orders-secret",
        version: "12345678901234567890",
        uri: "https://example-kv.vault.azure.net/secrets/orders-secret/12345678901234567890"
    )

    private func order(
        _ value: String? = nil,
        key: NaturalKey = "r/hook/1-0/1",
        carriers: [CarrierVersion] = [version]
    ) -> HookOrder {
        HookOrder(
            key: key,
            rotation: "6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b12",
            credential: "orders",
            sequence: 7,
            carriers: carriers,
            account: "client\"id",
            value: value.map { Secret(copying: $0.utf8) },
            deadline: .distantFuture
        )
    }

    private var parameters: [String: String] {
        arm.state.withLock { state in state.names.last.flatMap { state.jobs[$0]?.parameters } ?? [:]
        }
    }

    private func names() -> [String] { arm.state.withLock(\.names) }

    @Test func `is started once, however often it is asked for`() async throws {
        let hook = try hook()
        #expect(try await hook.follow(order()) == .notStarted)
        try await hook.start(order())
        try await hook.start(order())
        arm.change { $0.conflict = 400 }
        try await hook.start(order())
        #expect(names().count == 1)
        #expect(try await hook.follow(order()) == .running)
        try await hook.start(order(key: "r/hook/1-0/2"))
        #expect(Set(names()).count == 2)
        #expect(names().allSatisfy { UUID(uuidString: $0) != nil })
    }

    @Test func `whose start got no answer is found by its name`() async throws {
        let hook = try hook()
        arm.change { $0.answersToLose = 1 }
        let failure = await #expect(throws: StepFailure.self) { try await hook.start(order()) }
        #expect(failure?.kind == .unknown)
        #expect(try await hook.follow(order()) == .running)
        #expect(names().count == 1)
    }

    @Test(
        arguments: [
            ("Completed", [], true), ("Completed", ["Output", "Verbose"], true),
            ("Completed", ["Error", "Error"], false), ("Failed", [], false),
            ("Stopped", [], false), ("Blocked", [], false),
        ] as [(String, [String], Bool)]
    )
    func `has succeeded only when it completed without errors`(
        status: String,
        streams: [String],
        isGood: Bool
    ) async throws {
        let hook = try hook()
        try await hook.start(order())
        arm.endLast(as: status, streams: streams)
        switch try await hook.follow(order()) {
        case .succeeded(let evidence): #expect(isGood && evidence.contains(names()[0]))
        case .failed(let reason):
            #expect(!isGood)
            #expect(!reason.contains("s3cret"))
        default: Issue.record("it has ended")
        }
    }

    @Test func `that is suspended may go on for a while`() async throws {
        try await hook().start(order())
        arm.endLast(as: "Suspended")
        #expect(try await hook().follow(order()) == .running)
        let report = try await hook(now: "2026-11-21T12:06:00Z").follow(order())
        #expect(report == .failed("job \(names()[0]) is Suspended"))
    }

    // Automation never runs a job again under its name, so that a resumed rotation would have
    // found the old failure for ever.
    @Test func `that failed is followed by a new one when it is started again`() async throws {
        let hook = try hook()
        try await hook.start(order())
        arm.endLast(as: "Failed")
        try await hook.start(order())
        #expect(try await hook.follow(order()) == .running)
        try await hook.start(order())
        #expect(names().count == 2)
        arm.endLast(as: "Completed")
        #expect(try await hook.follow(order()) == .succeeded("job \(names()[1]) completed"))
    }

    @Test func `is told where to read, as texts`() async throws {
        let hook = try hook(parameters: ["Ticket": "0042", "Hosts": #"["a","b"]"#])
        #expect(!hook.needsValue)
        try await hook.start(order())
        #expect(
            parameters == [
                "VaultName": #""example-kv""#,
                "VaultUri": #""https://example-kv.vault.azure.net""#,
                "SecretName": #""orders-secret""#,
                "SecretVersion": #""12345678901234567890""#, "Account": #""client\"id""#,
                "Sequence": "\(order().sequence)",
                "Ticket": #""0042""#, "Hosts": #"["a","b"]"#,
            ]
        )
    }

    @Test func `is told where all of several carriers are`() async throws {
        let uri = "https://west-kv.vault.azure.net/secrets/orders-secret/77"
        let west = CarrierVersion(vault: "west", name: "orders-secret", version: "77", uri: uri)
        try await hook().start(order(carriers: [Self.version, west]))
        let list = try #require(parameters["SecretUris"])
        let uris = try JSONDecoder().decode([String].self, from: Data(list.utf8))
        #expect(uris == [Self.version.uri, uri])
        #expect(parameters["VaultName"] == #""example-kv""#)
    }

    @Test func `is told the configuration's name of a vault without one`() async throws {
        let uri = "https://127.0.0.1:8443/secrets/orders-secret/77"
        let local = CarrierVersion(vault: "app", name: "orders-secret", version: "77", uri: uri)
        try await hook().start(order(carriers: [local]))
        #expect(parameters["VaultName"] == #""app""#)
        #expect(parameters["VaultUri"] == #""https://127.0.0.1:8443""#)
    }

    @Test(arguments: ["s3cret", "12345", "true", "{\"a\":1}", "q\"b\\c\n\u{1}é"])
    func `is handed the value as a text, whatever it looks like`(value: String) async throws {
        let hook = try hook(.includeSecret)
        #expect(hook.needsValue)
        try await hook.start(order(value))
        let sent = try #require(parameters["ClientSecret"])
        #expect(try JSONDecoder().decode(String.self, from: Data(sent.utf8)) == value)
        arm.endLast(as: "Completed", streams: ["Error"])
        guard case .failed(let reason) = try await hook.follow(order()) else {
            Issue.record("it has failed")
            return
        }
        #expect(!reason.contains(value))
    }

    @Test func `is handed a message that only the site opens`() async throws {
        let key = try PrivateKey.generate(.rsa2048)
        let site = try Certificate.selfSigned(
            commonName: "cairo",
            key: key,
            validFor: .seconds(3_600),
            purpose: .sealing
        )
        let hook = try hook(.sealed(site))
        #expect(hook.needsValue)
        try await hook.start(order("s3cret"))
        #expect(parameters["ClientSecret"] == nil)
        let sent = try #require(parameters["SealedClientSecret"])
        let text = try JSONDecoder().decode(String.self, from: Data(sent.utf8))
        let sealed = [UInt8](try #require(Data(base64Encoded: text)))
        let opened = try CMS.decrypt(sealed, certificate: site, key: key)
        #expect(opened == Secret(copying: "s3cret".utf8))
    }

    @Test func `without a value to hand over is not started`() async throws {
        let hook = try hook(.includeSecret)
        let failure = await #expect(throws: StepFailure.self) { try await hook.start(order()) }
        #expect(failure?.kind == .permanent)
        #expect(names().isEmpty)
    }

    @Test func `that is ready needs nothing but its warning`() async throws {
        arm.change { $0.workers = ["2026-11-21T11:59:00.1234567+00:00"] }
        let findings = try await hook(.includeSecret, runOn: "on prem").preflight()
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings.first?.text.contains("30 days") == true)
        let requests = arm.state.withLock(\.requests)
        #expect(requests.allSatisfy { $0.method == .get })
        #expect(requests.contains { $0.path.contains("/on%20prem/") })
    }

    private static let troubles: [Trouble] = [
        Trouble(says: "there is no runbook") { $0.runbook = nil },
        Trouble(says: "is Edit") { $0.runbook?.state = "Edit" },
        Trouble(.warning, says: "no parameter ClientSecret") { $0.runbook?.parameters = [] },
        Trouble(says: "no hybrid worker group") { $0.workers = nil },
        Trouble(says: "was seen lately") { $0.workers = [] },
        Trouble(says: "was seen lately") { $0.workers = ["2026-11-21T10:00:00+00:00"] },
    ]

    @Test(arguments: troubles)
    func `that is not ready is reported before`(trouble: Trouble) async throws {
        arm.change { $0.workers = ["2026-11-21T11:59:00Z"] }
        arm.change(trouble.change)
        let findings = try await hook(.includeSecret, runOn: "on-prem").preflight()
        #expect(
            findings.contains { $0.severity == trouble.severity && $0.text.contains(trouble.text) }
        )
    }
}

/// What is wrong in Automation, and what a preflight says of it.
struct Trouble: Sendable {
    let severity: Finding.Severity
    let text: String
    let change: @Sendable (inout ScriptedARM.State) -> Void

    init(
        _ severity: Finding.Severity = .problem,
        says text: String,
        _ change: @escaping @Sendable (inout ScriptedARM.State) -> Void
    ) {
        self.severity = severity
        self.text = text
        self.change = change
    }
}

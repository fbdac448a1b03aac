import Foundation
import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `The choices of a configuration` {
    private static let client = "00000000-0000-0000-0000-00000000000A"
    private static let lower = "00000000-0000-0000-0000-00000000000a"

    private func settings(_ replaced: String, _ text: String) throws -> Settings {
        try Settings.parse(MinimalConfiguration.head.replacing(replaced, with: text))
    }

    @Test(
        arguments: [
            (
                "{clientSecret: {client: CLIENT, secret: \"env:OWN\"}}",
                .clientSecret(client: lower, secret: .environment("OWN"))
            ),
            (
                "{certificate: {client: CLIENT, certificate: /c.pem, signingKey: /c.key}}",
                .certificate(
                    client: lower,
                    files: CertificateFiles(certificate: "/c.pem", signingKey: "/c.key")
                )
            ),
            (
                "{federated: {client: CLIENT, tokenFile: /token}}",
                .federated(client: lower, tokenFile: "/token")
            ),
            ("{managedIdentity: {client: CLIENT}}", .managedIdentity(client: lower)),
            ("{managedIdentity: {}}", .managedIdentity(client: nil)),
        ] as [(String, AzureSettings.Identity)]
    )
    func `name who Rekey is in Azure`(text: String, identity: AzureSettings.Identity) throws {
        let text = text.replacing("CLIENT", with: Self.client)
        let settings = try settings("{managedIdentity: {}}", text)
        #expect(settings.azure?.identity == identity)
    }

    @Test(
        arguments: [
            ("cloud: usGovernment", .usGovernment, nil),
            ("cloud: china, graph: https://g.example//", .china, "https://g.example"),
            ("graph: https://g.example/path/", .public, "https://g.example/path"),
        ] as [(String, AzureSettings.Cloud, String?)]
    )
    func `name one of Microsoft's clouds, and addresses without a slash at their end`(
        text: String,
        cloud: AzureSettings.Cloud,
        graph: String?
    ) throws {
        let azure = try settings("tenant: t,", "tenant: t, \(text),").azure
        #expect(azure?.cloud == cloud)
        #expect(azure?.graph == graph)
        #expect(azure?.authority == nil)
    }

    @Test(arguments: [
        ("\"amqps://a:1234\"", ["a"], [1_234], true),
        ("[\"amqp://[::1]\"]", ["::1"], [5_672], false),
        ("[\"amqps://a\", \"amqps://b:7\"]", ["a", "b"], [5_671, 7], true),
    ])
    func `name one node of the broker or several`(
        text: String,
        hosts: [String],
        ports: [Int],
        usesTLS: Bool
    ) throws {
        let broker = try settings("\"amqp://localhost\"", text).broker
        #expect(broker.nodes.map(\.host) == hosts)
        #expect(broker.nodes.map(\.port) == ports)
        #expect(broker.usesTLS == usesTLS)
    }

    @Test(
        arguments: [
            (
                "header: {name: X-Rekey, value: env:H}",
                .header(name: "X-Rekey", value: .environment("H"))
            ),
            (
                "entra: {tenant: \(client), audience: api, applications: [\(client)], role: r}",
                .entra(tenant: lower, audience: "api", applications: [lower], role: "r")
            ),
        ] as [(String, GatewaySettings.EventGridAuthentication)]
    )
    func `say whom the gateway believes`(
        text: String,
        authentication: GatewaySettings.EventGridAuthentication
    ) throws {
        let text =
            "stagingVault: stage\n"
            + "gateway: {listen: \"0.0.0.0:9\", eventGrid: {\(text), subscriptions: [s]}}"
        let settings = try settings("stagingVault: stage", text)
        let gateway = try #require(settings.gateway)
        #expect(gateway.host == "0.0.0.0" && gateway.port == 9)
        #expect(gateway.eventGrid?.authentication == authentication)
        #expect(gateway.eventGrid?.subscriptions == ["s"])
        #expect(settings.warnings.contains { $0.path == ".gateway.listen" })
    }

    @Test(arguments: [
        ("url: http://orders.example/health", "token: env:T", [".workloads.w.http.checks[0].url"]),
        ("url: https://orders.example/health", "token: env:T", []),
        ("url: http://127.0.0.1/health", "token: env:T", []),
        ("url: http://orders.example/health", "timeout: 1s", []),
        (
            "url: https://orders.example", "{token: env:T, reload: http://orders.example/}",
            [".workloads.w.http.reload"]
        ),
    ])
    func `are warned of a token that crosses a network in the clear`(
        check: String,
        rest: String,
        places: [String]
    ) throws {
        let rest = rest.trimmingCharacters(in: ["{", "}"])
        let text = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\nworkloads: [w]",
            before: "workloads: {w: {http: {checks: [{\(check)}], \(rest)}}}\n"
        )
        let warnings = try Settings.parse(text).warnings
            .filter { $0.problem.contains("the token crosses the network") }
        #expect(warnings.map(\.path) == places)
    }

    // An application that keeps the old value answers 200, and was cut off after `grace`.
    @Test(arguments: [
        ("", "", true), (", pointer: /v, equals: \"{version}\"", "", false),
        ("", ", cache: 1h", false),
        ("", ", http: {checks: [], challenge: https://w.example/c}", false),
    ])
    func `are warned of a workload that shows only that it is well`(
        check: String,
        rest: String,
        isWarned: Bool
    ) throws {
        let ids =
            "tenantId: \(Self.client), applicationId: \(Self.client), objectId: \(Self.client)"
        let http =
            rest.contains("http:") ? "" : "http: {checks: [{url: https://w.example/h\(check)}]}"
        let text = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\nworkloads: [w]\npolicy: {grace: 2h}\n"
                + "target: {entraApplication: {\(ids)}}",
            before: "workloads: {w: {\(http)\(http.isEmpty ? String(rest.dropFirst(2)) : rest)}}\n"
        )
        let warnings = try Settings.parse(text).warnings.filter { $0.problem.contains("well, not") }
        #expect(warnings.map(\.path) == (isWarned ? [".secrets[0].workloads"] : []))
    }

    @Test func `say of an application what it is to be, and when its reads are believed`() throws {
        let ids =
            "tenantId: \(Self.client), applicationId: \(Self.client), objectId: \(Self.client)"
        let target = """
            target: {entraApplication: {\(ids), displayName: Orders, owners: [\(Self.client)],
                proveScope: https://vault.azure.net/.default, proveCount: 2, settle: 3s}}
            """
        let given = try application(target)
        #expect(given.displayName == "Orders" && given.owners == [Self.client])
        #expect(given.proofResource == "https://vault.azure.net")
        #expect(given.proveCount == 2 && given.settleSeconds == 3)
        let usual = try application("target: {entraApplication: {\(ids)}}")
        #expect(usual.displayName == nil && usual.owners.isEmpty && usual.proofResource == nil)
        #expect(usual.proveCount == 5 && usual.settleSeconds == 20)
    }

    private func application(_ target: String) throws -> EntraApplicationSettings {
        let text = MinimalConfiguration.secret("name: a\ncarrier: prod/A\n" + target)
        let settings = try Settings.parse(text)
        guard case .entraApplication(let application)? = settings.targets.values.first else {
            throw CancellationError()
        }
        return application
    }

    @Test func `tell a runbook from a site`() throws {
        let text = """
            stagingVault: stage
            signer: {certificate: /s.pem, signingKey: /s.key}
            sites: {cairo: {certificate: /cairo.pem}}
            hooks:
              book:
                automation:
                  subscription: \(Self.client)
                  resourceGroup: g
                  account: a
                  runbook: r
                  delivery: includeSecret
                  parameters: {Ring: "2"}
                deadline: 5m
              env: {site: {site: cairo, path: /a/.env, variable: A, command: [/bin/systemctl, x]}}
            """
        let settings = try settings("stagingVault: stage", text)
        guard case .automation(let book)? = settings.hooks["book"]?.kind,
            case .site(let env)? = settings.hooks["env"]?.kind
        else {
            Issue.record("a hook is of another kind")
            return
        }
        #expect(book.delivery == .includeSecret && book.parameters == ["Ring": "2"])
        #expect(settings.hooks["book"]?.planned.deadlineSeconds == 300)
        #expect(settings.hooks["env"]?.planned.deadlineSeconds == nil)
        #expect(env.command == ["/bin/systemctl", "x"])
        #expect(settings.sites["cairo"]?.user == "rekey-agent-cairo")
        #expect(settings.warnings.contains { $0.problem.hasPrefix("exposes value") })
    }

    @Test func `say who may do what, and nobody else may`() throws {
        let text =
            "stagingVault: stage\npermissions: {request: [\"user:ops\"], "
            + "approve: [\"person:ada\"], gatewayUser: gw}"
        let permissions = try settings("stagingVault: stage", text).permissions
        #expect(permissions.allows(.request, to: .user("ops")))
        #expect(!permissions.allows(.request, to: .person("ops")))
        #expect(permissions.allows(.approve, to: .person("ada")))
        #expect(!permissions.allows(.compromise, to: .user("ops")))
        #expect(permissions.gatewayUser == "gw")
    }

    @Test func `set the worker's limits and the log`() throws {
        let text =
            "stagingVault: stage\nworker: {rotationsInFlight: 7, sweepEvery: 9s, rememberFor: 2d, "
            + "listen: \"[::1]:9464\"}\nlogs: {form: json, level: debug}"
        let settings = try settings("stagingVault: stage", text)
        #expect(settings.worker.rotationsInFlight == 7 && settings.worker.sweepSeconds == 9)
        #expect(settings.worker.adoptionsPerSweep == 10)
        #expect(settings.worker.listen?.host == "::1")
        #expect(settings.worker.listen?.port == 9_464)
        #expect(settings.worker.rememberSeconds == 2 * 86_400)
        #expect(settings.logs.form == .json && settings.logs.level == .debug)
    }
}

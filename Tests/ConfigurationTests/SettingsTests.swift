import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `A configuration` {
    @Test func `may be short`() throws {
        let settings = try Settings.parse(
            MinimalConfiguration.secret("name: api\ncarrier: prod/XApiKey")
        )
        #expect(settings.broker.virtualHost == "/rekey")
        #expect(settings.broker.nodes.map(\.port) == [5672])
        #expect(settings.azure?.cloud == .public)
        #expect(settings.azure?.authority == nil)
        let secret = try #require(settings.secrets.first)
        #expect(secret.definition.strategy == .valueOnly)
        #expect(secret.policy == ResolvedPolicy())
        #expect(secret.definition.policy.lifetimeSeconds == 90 * 86_400)
    }

    @Test(arguments: [
        ("bare", ValueFormat.bare), ("ado", .ado), ("url", .url),
        ("{json: /a/b, account: /c}", .json(secret: "/a/b", account: "/c")),
        ("{list: comma}", .list(separator: .comma)), ("{jsonList: /keys}", .jsonList("/keys")),
    ])
    func `knows every form of a value`(text: String, format: ValueFormat) throws {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarriers: [{vault: prod, name: A, format: \(text), audience: verifiers}]"
        )
        let carrier = try #require(try Settings.parse(yaml).definitions.first?.carriers.first)
        #expect(carrier.format == format)
        #expect(carrier.audience == .verifiers)
    }

    @Test(arguments: [
        ("uuid", GeneratorPolicy.uuid), ("{hex: 24}", .hex(byteCount: 24)),
        ("{base64url: 32}", .base64url(byteCount: 32)),
        ("{password: {length: 20}}", .password(length: 20)),
        (
            "{password: {classes: [digits, signs]}}",
            .password(length: 32, classes: [.digits, .signs])
        ),
    ])
    func `knows every generator`(text: String, generator: GeneratorPolicy) throws {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\npolicy: {generator: \(text)}"
        )
        #expect(try Settings.parse(yaml).definitions.first?.policy.generator == generator)
    }

    @Test(arguments: [
        ("30d", 2_592_000.0), ("12h", 43_200), ("15m", 900), ("5s", 5), ("61000ms", 61),
    ])
    func `reads durations`(text: String, seconds: Double) throws {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\n"
                + "policy: {lifetime: 200d, updateThreshold: 150d, grace: \(text)}"
        )
        #expect(try Settings.parse(yaml).definitions.first?.policy.graceSeconds == seconds)
    }

    @Test func `lays the policies one over another`() throws {
        let policies = """
            environments: [live]
            policies:
              default: {lifetime: 60d, updateThreshold: 20d, grace: 1h, enabled: false}
              environments: {live: {grace: 2h, lifetime: 50d}}
              kinds: {none: {grace: 3h}}

            """
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\nenvironment: live\npolicy: {enabled: true}",
            before: policies
        )
        let secret = try #require(try Settings.parse(yaml).secrets.first)
        #expect(secret.definition.policy.lifetimeSeconds == 50 * 86_400)
        #expect(secret.definition.policy.graceSeconds == 3 * 3_600)
        #expect(secret.definition.isEnabled)
        #expect(secret.policy.origins[.lifetime] == .environment("live"))
        #expect(secret.policy.origins[.grace] == .kind("none"))
        #expect(secret.policy.origins[.updateThreshold] == .defaults)
        #expect(secret.policy.origins[.enabled] == .secret("a"))
    }

    @Test func `keeps candidates of one credential under one name`() throws {
        let yaml = MinimalConfiguration.secret("name: a\ncarrier: prod/A")
        let first = try Settings.parse(yaml).definitions.map(\.staging)
        #expect(try Settings.parse(yaml).definitions.map(\.staging) == first)
        let other = yaml.replacing("installation: test", with: "installation: other")
        #expect(try Settings.parse(other).definitions.map(\.staging) != first)
    }

    @Test func `warns of what is allowed and likely not meant`() throws {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\npolicy: {lifetime: 7d, updateThreshold: 2d}",
            before: "targets: {db: {\(MinimalConfiguration.postgres)}}\n"
        )
        let warnings = try Settings.parse(yaml).warnings.map(\.problem)
        #expect(warnings.contains { $0.contains("events near expiry come at once") })
        #expect(warnings.contains { $0.contains("`db` is used by no secret") })
        #expect(warnings.contains { $0.contains("verifiers that hold one value") })
    }

    @Test func `may come from a file`() throws {
        let errors = #expect(throws: ConfigurationErrors.self) {
            try Settings.load(path: "/nonexistent/rekey.yaml")
        }
        #expect(
            errors?.description
                == "rekey.yaml:1:1: the file cannot be opened; `rekey init` writes one"
        )
    }
}

import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `The sample configuration` {
    @Test func `has no mistakes and nothing to warn of`() throws {
        let settings = try Settings.parse(SampleConfiguration.text)
        #expect(settings.warnings.isEmpty, "\(settings.warnings.map(\.description))")
        #expect(settings.installation == "example")
        #expect(settings.secrets.map(\.definition.id) == ["portal-client", "erp-database"])
    }

    @Test func `has every section that there is`() throws {
        let schema = try Contracts.object("rekey.schema.json")
        let sections = try #require(schema["properties"] as? [String: Any]).keys
        let lines = SampleConfiguration.text.split(separator: "\n")
        let missing = sections.filter { section in !lines.contains { $0.hasPrefix(section + ":") } }
        #expect(missing == [])
    }

    @Test func `lets the operator do what its policies ask for`() throws {
        let settings = try Settings.parse(SampleConfiguration.text)
        #expect(settings.definitions.contains { $0.policy.needsApproval })
        let operators = Permissions.Identity.user(settings.broker.user)
        for act in Permissions.Act.allCases {
            #expect(settings.permissions.allows(act, to: operators), "\(act)")
        }
    }

    @Test func `names a secret's strategy by what its target can do`() throws {
        let settings = try Settings.parse(SampleConfiguration.text)
        #expect(settings.definitions.map(\.strategy) == [.addThenRemove, .alternate])
    }

    @Test func `gives a secret its carriers, its target and its people`() throws {
        let settings = try Settings.parse(SampleConfiguration.text)
        let portal = try #require(settings.secret("portal-client")).definition
        #expect(portal.environment == "production")
        #expect(portal.target == "portal-client")
        #expect(portal.staging.vault == "staging")
        #expect(portal.staging.name.text.hasPrefix("rekey-"))
        #expect(!portal.staging.name.text.contains("portal"))
        #expect(
            portal.carriers == [
                PlannedCarrier(SecretReference(vault: "production", name: "Portal--ClientSecret"))
            ]
        )
        #expect(portal.hooks.map(\.kind) == ["site", "automation"])
        #expect(portal.hooks.map(\.isRequired) == [true, false])
        guard case .entraApplication? = settings.targets["portal-client"] else {
            Issue.record("the target of `portal-client` is missing")
            return
        }
        let database = try #require(settings.secret("erp-database")).definition
        #expect(database.carriers.map(\.format) == [.ado])
        #expect(database.policy.needsApproval)
    }

    @Test func `says where each part of a policy comes from`() throws {
        let settings = try Settings.parse(SampleConfiguration.text)
        let policy = try #require(settings.secret("erp-database")).policy
        #expect(policy.origins[.lifetime] == .defaults)
        #expect(policy.origins[.notifyNearExpiry] == .environment("production"))
        #expect(policy.origins[.generator] == .kind("postgres"))
        #expect(policy.origins[.approval] == .secret("erp-database"))
        #expect(policy.origins[.enabled] == .builtIn)
        #expect(policy.rotation.thresholdSeconds == 336 * 3_600)
        #expect(policy.window?.zone == "Africa/Cairo")
        #expect(policy.window?.opensAtMinute == 60)
    }
}

import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `What Rekey stands on` {
    private static let client = "00000000-0000-0000-0000-000000000001"

    private func yaml(_ source: String) -> String {
        let identity = "clientSecret: {client: \(Self.client), secret: \"\(source)\"}"
        return MinimalConfiguration.secret(
            "name: a\ncarrier: prod/A\n"
                + "target: {entraApplication: {\(MinimalConfiguration.applicationIDs)}}"
        ).replacing("managedIdentity: {}", with: identity)
    }

    // Its own secret was revoked under it, and nothing rotated any more.
    @Test func `is no secret of its environment that it rotates itself`() {
        var found: [String] = []
        do { _ = try Settings.parse(yaml("env:P")) } catch {
            found = error.errors.map { "\($0)" }
        }
        #expect(found.count == 1)
        let rule = "take it from a file that a hook renews, or use a certificate"
        #expect(found.first?.hasSuffix(rule) == true, "\(found)")
        #expect(found.first?.contains(".secrets[0].target") == true, "\(found)")
    }

    @Test func `may be a file of which somebody has to know`() throws {
        let warnings = try Settings.parse(yaml("file:/p")).warnings
        #expect(warnings.contains { "\($0)".hasSuffix("a hook has to renew its file") })
    }

    @Test func `is no role that it rotates`() {
        let lines =
            "name: a\ncarrier: prod/A\ntarget: {postgres: {host: db, "
            + "administrator: {user: x, password: env:P}, accounts: [x]}}"
        var found: [String] = []
        do { _ = try Settings.parse(MinimalConfiguration.secret(lines)) } catch {
            found = error.errors.map { "\($0)" }
        }
        let rule = "the administrator is one of them, and could not sign in afterwards"
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix(".postgres.accounts: \(rule)") == true, "\(found)")
    }
}

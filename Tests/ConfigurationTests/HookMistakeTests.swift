import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `A mistake about hooks` {
    /// What is said of these secrets and hooks, without the file and the line.
    private func mistakes(secrets: String, hooks: String, rest: String = "") -> [String] {
        let yaml = """
            \(MinimalConfiguration.head)signer: {certificate: /s.pem, signingKey: /s.key}
            sites: {cairo: {certificate: /c.pem}}
            hooks:
              \(hooks.replacing("\n", with: "\n  "))
            secrets:
              \(secrets.replacing("\n", with: "\n  "))
            \(rest)
            """
        do {
            _ = try Settings.parse(yaml)
            return []
        } catch {
            return error.errors.map { error in
                let parts = "\(error)".split(separator: ":", maxSplits: 3)
                return String(parts.last ?? "").trimmingPrefix(" ").description
            }
        }
    }

    private static let site = "host: {site: {site: cairo, path: /a/.env, variable: A}}"

    // The file went on naming the one role, with the other's password.
    @Test func `is the password of one of two roles in a file that names neither`() {
        let secret = """
            - name: a
              carrier: {vault: prod, name: A, format: ado}
              target: {\(MinimalConfiguration.postgres)}
              hooks: [host]
            """
        #expect(
            mistakes(secrets: secret, hooks: Self.site) == [
                ".secrets[0].hooks: two roles take turns, and a site's file gets the value alone: "
                    + "use a runbook, which gets `Account` too, or one role and `replace`"
            ]
        )
    }

    // The approval may take a day, and the gap that was told ended before it.
    @Test func `is to wait for an approval with what works no more`() {
        let secret = """
            - name: a
              carrier: prod/A
              strategy: replace
              policy: {approval: true}
              target:
                postgres: {host: db, administrator: {user: a, password: env:P}, accounts: [x]}
              hooks: [book]
            """
        let hook = "book: {automation: {\(MinimalConfiguration.automation)}}"
        #expect(
            mistakes(secrets: secret, hooks: hook) == [
                ".secrets[0].hooks: under `replace` the old value ends at once, and hooks wait for "
                    + "the approval: whoever they feed would be locked out until then"
            ]
        )
    }

    // The second secret's value took the place of the first's, and both were delivered.
    @Test(arguments: [
        "host", "same", "other", "elsewhere",
    ])
    func `is one variable for two secrets`(second: String) {
        let hooks =
            Self.site
            + "\nsame: {site: {site: cairo, path: /a/.env, variable: A}}"
            + "\nother: {site: {site: cairo, path: /a/.env, variable: B}}"
            + "\nelsewhere: {site: {site: cairo, path: /b/.env, variable: A}}"
        let secrets = """
            - {name: a, carrier: prod/A, hooks: [host]}
            - {name: b, carrier: prod/B, hooks: [\(second)]}
            """
        let found = mistakes(secrets: secrets, hooks: hooks)
        let isMistake = ["host", "same"].contains(second)
        #expect(
            found
                == (isMistake
                    ? [
                        ".secrets[1].hooks: hook `host` delivers another secret to the same "
                            + "variable of the same file: give each a hook with a variable of "
                            + "its own"
                    ] : [])
        )
    }

    @Test(arguments: ["my-var", "a.b", "1A", "É"])
    func `is a variable that no shell takes`(name: String) {
        let found = mistakes(
            secrets: "- {name: a, carrier: prod/A, hooks: [host]}",
            hooks: Self.site.replacing("variable: A", with: "variable: \(name)")
        )
        let rule = "expected letters, digits and `_`, and no digit first"
        #expect(found.first == ".hooks.host.site.variable: \(rule)", "\(found)")
    }

    // Its answers reached nobody, and its agent sent one for ever.
    @Test(arguments: ["cairo.dc1", "Cairo", "cairo_1"])
    func `is a site's name that is no word of a routing key`(name: String) {
        let yaml = MinimalConfiguration.head + "sites: {\(name): {certificate: /c.pem}}\n"
        var found: [String] = []
        do { _ = try Settings.parse(yaml) } catch { found = error.errors.map { "\($0)" } }
        let rule = "a site's name has lower-case letters, digits and hyphens"
        #expect(found.count { $0.hasSuffix(rule) } == 1, "\(found)")
    }

    // The runbook got the account's name in the place of its own parameter.
    @Test(arguments: [
        "Account", "vaultname", "SecretUris", "sealedclientsecret", "ClientSecret", "sequence",
    ])
    func `is a parameter that Rekey hands over itself`(name: String) {
        let hook =
            "book: {automation: {\(MinimalConfiguration.automation), parameters: {\(name): x}}}"
        let found = mistakes(
            secrets: "- {name: a, carrier: prod/A, hooks: [book]}",
            hooks: hook
        )
        #expect(found.count == 1)
        let rule = "is what Rekey hands over: use another name"
        #expect(found.first?.hasSuffix(rule) == true, "\(found)")
    }

    @Test func `is a reload of what a hook delivers`() {
        let found = mistakes(
            secrets: "- {name: a, carrier: prod/A, hooks: [host], workloads: [fed]}",
            hooks: Self.site,
            rest: """
                workloads:
                  fed:
                    deliveredBy: hook
                    http: {checks: [{url: "https://a"}], reload: "https://a/reload"}
                """
        )
        let rule = "what a hook delivers is not reloaded here: let the hook do it"
        #expect(found.first == ".workloads.fed.http: \(rule)", "\(found)")
    }
}

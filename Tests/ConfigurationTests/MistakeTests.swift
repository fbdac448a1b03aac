import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `A mistake in the configuration` {
    private func mistakes(_ yaml: String) -> [String] {
        do {
            _ = try Settings.parse(yaml)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func `is reported with all the others, by line and column`() {
        let yaml = """
            installation: test
            journal: {sqlite: journal.db}
            broker:
              url: amqp://user:hunter2@localhost
              usr: u
              password: hunter2
            azure: {tenant: t, identity: {managedIdentity: {}}}
            vaults:
              prod: {url: "http://prod.example"}
            stagingVault: stage
            policies:
              default: {lifetime: soon, enabled: yes}
            secrets:
              - name: a
                carrier: {vault: pord, name: A_B, format: adoo}
            """
        #expect(
            mistakes(yaml) == [
                "rekey.yaml:2:19: .journal.sqlite: expected an absolute path",
                "rekey.yaml:4:3: .broker: `user` is missing",
                "rekey.yaml:4:8: .broker.url: a URL here holds no user and no secret",
                "rekey.yaml:5:3: .broker: unknown key; did you mean `user`?",
                "rekey.yaml:6:13: .broker.password: expected env:NAME, file:/path or "
                    + "vault:VAULT/NAME; a secret itself does not belong here",
                "rekey.yaml:9:15: .vaults.prod.url: expected a URL that begins with https://",
                "rekey.yaml:10:15: .stagingVault: no such name under `vaults`",
                "rekey.yaml:12:23: .policies.default.lifetime: expected a duration such as 30d, "
                    + "12h, 15m, 5s or 500ms",
                "rekey.yaml:12:38: .policies.default.enabled: expected true or false",
                "rekey.yaml:15:22: .secrets[0].carrier.vault: no such name under `vaults`; "
                    + "did you mean `prod`?",
                "rekey.yaml:15:34: .secrets[0].carrier.name: expected letters, digits and `-`, "
                    + "at most 127",
                "rekey.yaml:15:47: .secrets[0].carrier.format: expected `bare`, `ado`, `jdbc`, "
                    + "`url`, `redis` or a mapping with `json`, `jsonList` or `list`; "
                    + "did you mean `ado`?",
            ]
        )
    }

    @Test(arguments: [
        "broker: [hunter2", "hunter2", "a: hunter2\na: hunter2", "a: *hunter2", "\"hunter2",
        "hunter2: {hunter2: hunter2}", "a: !!hunter2 x", "\thunter2: x", "secrets: {hunter2: x}",
        "vaults: {hunter2 hunter2: {}}", "installation: \"hunter2 \"\n", "{hunter2}",
        "secrets: [{name: x, carrier: hunter2, target: hunter2, hooks: [hunter2]}]",
    ])
    func `never quotes the file`(yaml: String) {
        let mistakes = mistakes(yaml)
        #expect(!mistakes.isEmpty)
        for mistake in mistakes { #expect(!mistake.contains("hunter2")) }
    }

    @Test func `in the form of the file is reported by its place`() {
        #expect(
            mistakes("a: 1\nb: 2\na: 3\n").first?.hasSuffix("the same key twice in one mapping")
                == true
        )
        #expect(mistakes("a: [1\n").first?.contains(": not valid YAML: ") == true)
        #expect(mistakes("") == ["rekey.yaml:1:1: the file is empty; `rekey init` writes one"])
        #expect(mistakes("[]") == ["rekey.yaml:1:1: expected a mapping"])
    }

    @Test func `of size or depth is refused before anything is read`() {
        let long = "a: " + String(repeating: "x", count: 1 << 20)
        #expect(mistakes(long) == ["rekey.yaml:1:1: the file is longer than 1 MiB"])
        let deep = "a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(mistakes(deep) == ["rekey.yaml:1:1: nested deeper than 32 levels"])
        #expect(!mistakes("a: " + String(repeating: "[", count: 200_000)).isEmpty)
    }

    /// What is wrong with one secret, and the path at which it is said.
    @Test(arguments: [
        (
            "name: a\ncarrier: prod/A\ntarget: {POSTGRES}",
            ".secrets[0].carrier: two roles take turns, so the document has to name the account: "
                + "`bare`, lists and `json` without `account` do not"
        ),
        (
            "name: a\ncarrier: {vault: prod, name: A, format: ado}\nstrategy: replace\n"
                + "target: {POSTGRES}",
            ".secrets[0].strategy: this target can only do `alternate`"
        ),
        (
            "name: a\ncarrier: prod/A\nstrategy: dualKey",
            ".secrets[0].strategy: this target can only do `valueOnly`"
        ),
        (
            "name: a\ncarrier: stage/A",
            ".secrets[0].carrier: stands in the staging vault; apps that load every secret would "
                + "load candidates: use another vault, or set `allowStaging: true` on this one"
        ),
        (
            "name: a\ncarriers: [{vault: prod, name: A}, {vault: prod, name: A}]",
            ".secrets[0].carriers: an earlier carrier is the same field"
        ),
        (
            "name: a\ncarrier: prod/A\npolicy: {lifetime: 5d, updateThreshold: 5d}",
            ".secrets[0].policy: due again at once: `updateThreshold` is not under `lifetime`"
        ),
        (
            "name: a\ncarrier: prod/A\npolicy: {updateThreshold: 1d, approval: true}",
            ".secrets[0].policy: approval, hooks and grace may take 25h, longer than "
                + "`updateThreshold`: the old credential would end first"
        ),
        (
            "name: a\ncarrier: prod/A\nworkloads: [slow]\npolicy: {grace: 5m}",
            ".secrets[0].policy: `grace` 5m is shorter than the 10m cache of workload `slow`"
        ),
        (
            "name: a\ncarrier: prod/A\nworkloads: [fed]",
            ".secrets[0].workloads: a workload is delivered by hook, and there is none"
        ),
        (
            "name: a\ncarrier: prod/A\nworkloads: [seen]",
            ".secrets[0].workloads: workload `seen` has `sessions`, which only `postgres` sees"
        ),
        (
            "name: a\ncarrier: prod/A\nhooks: [site]",
            ".secrets[0].hooks: a site's hook needs `signer`; see `rekey init --signer`"
        ),
        (
            "name: a\ncarrier: prod/A\nworkloads: [fed]\nhooks: [perhaps]",
            ".secrets[0].workloads: a workload is delivered by hook, and none is `required`: the "
                + "old value would be revoked whether they succeed or not"
        ),
        (
            "name: a\ncarrier: prod/A\nhooks: [sit]",
            ".secrets[0].hooks: no such name under `hooks`; did you mean `site`?"
        ),
        ("name: a", ".secrets[0]: expected `carrier` or `carriers`"),
        (
            "name: a\ncarrier: prod/A\npolicy: {generator: {hex: 8}}",
            ".secrets[0].policy.generator.hex: expected a number from 16 to 64"
        ),
        (
            "name: a\ncarrier: prod/A\npolicy: {window: {zone: Mars/Base, from: \"01:00\", "
                + "to: \"02:00\"}}",
            ".secrets[0].policy.window.zone: expected an IANA time zone such as Africa/Cairo"
        ),
        (
            "name: a\ncarrier: prod/A\ntarget: {entraApplication: {IDS, settle: 90s}}",
            ".secrets[0].target.entraApplication.settle: expected a duration from 1s to 1m"
        ),
        (
            "name: a\ncarrier: prod/A\ntarget: {entraApplication: {IDS, proveScope: User.Read}}",
            ".secrets[0].target.entraApplication.proveScope: expected a resource followed by "
                + "/.default"
        ),
        (
            "name: a\ncarrier: prod/A\ntarget: {postgres: {host: db, tls: {mode: verify-ca}, "
                + "administrator: {user: a, password: env:P}, accounts: [x]}}",
            ".secrets[0].target.postgres.tls.mode: expected one of `verify-full`, `off`"
        ),
        (
            "name: a\ncarrier: prod/A\npolicy: {deadlines: {call: 10m}}",
            ".secrets[0].policy.deadlines.call: expected a duration from 1s to 110s"
        ),
    ])
    func `in how things fit together is found`(lines: String, mistake: String) {
        let parties = """
            workloads:
              slow: {http: {checks: [{url: "https://a"}]}, cache: 10m}
              seen: {sessions: {from: [10.0.0.0/8]}, needs: signedIn}
              fed: {http: {checks: [{url: "https://a"}]}, deliveredBy: hook}
            sites: {cairo: {certificate: /c.pem}}
            hooks:
              site: {site: {site: cairo, path: /a/.env, variable: A}}
              perhaps: {automation: {AUTOMATION}, required: false}

            """.replacing("AUTOMATION", with: MinimalConfiguration.automation)
        let lines = lines.replacing("POSTGRES", with: MinimalConfiguration.postgres)
            .replacing("IDS", with: MinimalConfiguration.applicationIDs)
        let found = mistakes(MinimalConfiguration.secret(lines, before: parties))
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasSuffix(": " + mistake) == true, "\(found)")
    }

    @Test func `is an account that two secrets rotate`() {
        let secret = "carrier: {vault: prod, name: NAME, format: ado}, target: {POSTGRES}}\n"
            .replacing("POSTGRES", with: MinimalConfiguration.postgres)
        let yaml =
            MinimalConfiguration.head + "secrets:\n"
            + "  - {name: a, " + secret.replacing("NAME", with: "A")
            + "  - {name: b, " + secret.replacing("NAME", with: "B")
        #expect(
            mistakes(yaml).allSatisfy {
                $0.hasSuffix(".secrets[1].target: an earlier secret rotates the same account")
            }
        )
        #expect(!mistakes(yaml).isEmpty)
    }

    /// Two entries for one document, under another field, name of the vault, or spelling.
    @Test(arguments: ["prod, name: A", "prod, name: a", "twin, name: A"])
    func `is a document with two secrets, of which its tags could name one`(place: String) {
        func secret(_ name: String, _ place: String, _ field: String) -> String {
            "  - {name: \(name), carrier: {vault: \(place), format: {json: \(field)}}}\n"
        }
        let head = MinimalConfiguration.head.replacing(
            "vaults:",
            with: "vaults:\n  twin: {url: \"https://PROD.example/\"}"
        )
        let yaml =
            head + "secrets:\n" + secret("one", "prod, name: A", "/Db/Password")
            + secret("two", place, "/Graph/ClientSecret")
        #expect(
            mistakes(yaml) == [
                "rekey.yaml:12:26: .secrets[1].carrier: an earlier secret is in the same vault "
                    + "secret, and tags and expiry are of the whole: give each its own"
            ]
        )
    }

    @Test func `is not a document with two fields of one secret`() {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarriers: [{vault: prod, name: A, format: {json: /a}}, "
                + "{vault: prod, name: A, format: {json: /b}}]"
        )
        #expect(mistakes(yaml).isEmpty)
    }

    @Test func `is a carrier where candidates of a secret are staged`() {
        let staged = "rekey-" + UUIDv5.text(in: "test", ["staging", "a"])
        let yaml =
            MinimalConfiguration.head.replacing(
                "stage.example\"",
                with: "stage.example\", allowStaging: true"
            ) + "secrets:\n  - {name: a, carrier: prod/A}\n"
            + "  - {name: b, carrier: stage/\(staged)}\n"
        #expect(
            mistakes(yaml) == [
                "rekey.yaml:11:24: .secrets[1].carrier: candidates are staged under this name: "
                    + "use another"
            ]
        )
    }

    // The vault asked for a token, which asked the vault for the secret: neither came.
    @Test func `is Rekey's own client secret in a vault`() {
        let identity =
            "{clientSecret: {client: 00000000-0000-0000-0000-00000000000a, "
            + "secret: \"vault:prod/Own\"}}"
        let yaml =
            MinimalConfiguration.head.replacing("{managedIdentity: {}}", with: identity)
            + "secrets:\n  - {name: a, carrier: prod/A}\n"
        let found = mistakes(yaml)
        #expect(found.count == 1, "\(found)")
        let why = ".azure.identity.clientSecret.secret: no vault is read without this very secret"
        #expect(found.first?.contains(why) == true, "\(found)")
    }

    @Test func `is rotating what Rekey itself signs in with, where nothing overlaps`() {
        let yaml = MinimalConfiguration.secret(
            "name: a\ncarrier: {vault: prod, name: A}\ntarget: {postgres: {host: db, "
                + "administrator: {user: a, password: \"vault:prod/A\"}, accounts: [x]}}"
        )
        #expect(
            mistakes(yaml) == [
                "rekey.yaml:10:11: .secrets[0].name: "
                    + "Rekey signs in with it itself: needs an overlap"
            ]
        )
    }

    @Test(arguments: [
        "127.example.com", "127.0.0.1.example.com", "127.0.0", "127.0.0.256", "localhost.example",
    ])
    func `may be a name that only begins like this machine's`(host: String) throws {
        let plain = MinimalConfiguration.head.replacing("localhost", with: host)
        #expect(try Settings.parse(plain).warnings.contains { $0.path == ".broker.url" })
        let own = MinimalConfiguration.head.replacing("localhost", with: "127.0.0.2")
        #expect(try !Settings.parse(own).warnings.contains { $0.path == ".broker.url" })
    }

    @Test(arguments: ["prod%2eexample", "prod%2Fexample"])
    func `is a host that libcurl would read as another`(host: String) {
        let text = MinimalConfiguration.head.replacing("prod.example", with: host)
        #expect(mistakes(text).contains { $0.contains(".vaults.prod.url: ") })
    }
}

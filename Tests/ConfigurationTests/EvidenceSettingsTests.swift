import RekeyConfiguration
import RekeyCore
import Testing

/// What a workload of the configuration can show, and what it cannot.
@Suite struct `The evidence of a workload` {
    private func yaml(_ workload: String) -> String {
        let lines =
            "name: a\ncarrier: {vault: prod, name: A, format: ado}\n"
            + "target: {\(MinimalConfiguration.postgres)}\nworkloads: [w]"
        return MinimalConfiguration.secret(lines, before: "workloads:\n  w: {\(workload)}\n")
    }

    @Test func `may be asked for by its sessions, and without a word of its own`() throws {
        let settings = try Settings.parse(
            yaml("sessions: {applicationName: shop, from: [10.1.0.0/16, \"::1\"]}, needs: signedIn")
        )
        let planned = try #require(settings.definitions.first?.workloads.first)
        let origin = SessionOrigin(applicationName: "shop", addresses: ["10.1.0.0/16", "::1"])
        #expect(planned.sessions == origin && planned.needs == .signedIn)
    }

    @Test(arguments: ["https://shop.example/proof", "http://127.0.0.1:8090/proof"])
    func `may be asked for by a challenge`(url: String) throws {
        let settings = try Settings.parse(yaml("http: {challenge: \"\(url)\"}, needs: proved"))
        guard case .http(let http)? = settings.workloads["w"]?.kind else {
            Issue.record("it is asked over HTTP")
            return
        }
        #expect(http.challengeURL == url && http.checks.isEmpty)
    }

    @Test(arguments: [
        ("http: {checks: [{url: \"https://a\"}]}, needs: signedIn", ".needs", "`sessions` can"),
        ("sessions: {applicationName: w}, needs: proved", ".needs", "`http.challenge` can"),
        ("http: {checks: [{url: \"https://a\", shows: proved}]}", "shows", "expected one of"),
        ("http: {checks: [{url: \"https://a\", shows: signedIn}]}", "shows", "expected one of"),
        ("http: {challenge: \"http://shop/p\"}", ".challenge", "over https"),
        ("http: {challenge: \"http://127.shop.example/p\"}", ".challenge", "over https"),
        ("http: {timeout: 1s}", ".http", "at least one check, or a challenge"),
        ("sessions: {}", ".sessions", "`applicationName`, `from` or both"),
        ("sessions: {from: [10.1.0.0/33]}", ".from", "addresses or ranges"),
        ("sessions: {from: [db.example.com]}", ".from", "addresses or ranges"),
        ("sessions: {from: [\"1:2\"]}", ".from", "addresses or ranges"),
        ("sessions: {applicationName: \"ü\"}", ".applicationName", "ASCII"),
        ("needs: healthy", ".w", "`http`"),
    ])
    func `is not taken on trust`(workload: String, place: String, problem: String) {
        let errors = #expect(throws: (any Error).self) {
            _ = try Settings.parse(yaml(workload))
        }
        let text = errors.map { "\($0)" } ?? ""
        #expect(text.contains(place) && text.contains(problem), "\(text)")
    }
}

/// The least that a configuration has to say, and what tests put into it.
enum MinimalConfiguration {
    static let head = """
        installation: test
        journal: {sqlite: /tmp/journal.db}
        broker: {url: "amqp://localhost", user: u, password: env:P}
        azure: {tenant: t, identity: {managedIdentity: {}}}
        vaults:
          prod: {url: "https://prod.example"}
          stage: {url: "https://stage.example"}
        stagingVault: stage

        """

    /// The head with `secrets` of one entry, whose lines begin at line 10.
    static func secret(_ lines: String, before: String = "") -> String {
        let indented = lines.split(separator: "\n").joined(separator: "\n    ")
        return head + "secrets:\n  - \(indented)\n" + before
    }

    static let applicationIDs = ["tenantId", "applicationId", "objectId"]
        .map { "\($0): 00000000-0000-0000-0000-000000000001" }.joined(separator: ", ")

    static let postgres =
        "postgres: {host: db, administrator: {user: a, password: env:P}, "
        + "accounts: [x, y], owner: o}"

    static let automation =
        "subscription: 00000000-0000-0000-0000-000000000001, resourceGroup: g, account: c, "
        + "runbook: r"
}

import RekeyConfiguration

/// What the configuration's reader says of a text.
enum SuiteConfiguration {
    /// Reads a configuration of one secret, with more said of its policy and administrator.
    static func mistakes(
        policy: String = "",
        administrator: String = "",
        vault: String = "prod"
    ) -> [String] {
        let yaml = """
            installation: test
            journal: {sqlite: /tmp/journal.db}
            broker: {url: "amqp://localhost", user: u, password: env:P}
            azure: {tenant: t, identity: {managedIdentity: {}}}
            vaults:
              prod: {url: "https://prod.example"}
              stage: {url: "https://stage.example"}
            stagingVault: stage
            secrets:
              - name: a
                carrier: {vault: \(vault), name: a, format: ado}
                policy: {\(policy)}
                target:
                  postgres:
                    host: db
                    administrator: {user: a, password: env:P, \(administrator)}
                    accounts: [x, y]
                    owner: o
            """
        do {
            _ = try Settings.parse(yaml)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }
}

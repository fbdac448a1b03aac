import RekeyConfiguration

/// A configuration of which nothing that it names is there: no file, no key, no server.
enum Unreadable {
    static let folder = "/nowhere/rekey"

    static func text(journal: String = "\(folder)/journal.db", azure: String = "") -> String {
        """
        installation: test
        journal: {sqlite: \(journal)}
        broker: {url: "amqp://localhost:1", user: u, password: "file:\(folder)/broker"}
        azure:
          tenant: t\(azure)
          identity:
            certificate:
              client: 00000000-0000-0000-0000-000000000001
              certificate: \(folder)/azure.pem
              signingKey: \(folder)/azure.key
        gateway:
          listen: 127.0.0.1:1
          certificate: \(folder)/gateway.pem
          signingKey: \(folder)/gateway.key
          eventGrid: {header: {name: X-Rekey-Secret, value: "file:\(folder)/event-grid"}}
          apiToken: file:\(folder)/api
        signer: {certificate: \(folder)/signer.pem, signingKey: \(folder)/signer.key}
        sites: {cairo: {certificate: \(folder)/cairo.pem}}
        hooks: {on-prem: {site: {site: cairo, path: /srv/app/.env, variable: PASSWORD}}}
        vaults:
          prod: {url: "https://prod.example"}
          stage: {url: "https://stage.example"}
        stagingVault: stage
        targets:
          roles:
            postgres:
              host: db.example.com
              administrator: {user: rekey_admin, password: "file:\(folder)/administrator"}
              accounts: [erp_a, erp_b]
              owner: erp
        secrets:
          - name: erp
            carrier: {vault: prod, name: Erp, format: ado}
            target: roles
          - {name: token, carrier: prod/Token, hooks: [on-prem]}

        """
    }

    static func settings(azure: String = "") throws -> Settings {
        try Settings.parse(text(azure: azure))
    }
}

import PostgresTarget
import RekeyConfiguration
import RekeyCore
import RekeyPostgres

extension PostgresAdapterSettings {
    init(
        _ settings: RekeyConfiguration.PostgresTargetSettings,
        _ name: TargetName,
        _ secrets: SecretResolver
    ) {
        let tls: PostgresSettings.TLS =
            switch settings.tlsMode {
            case .off: .disabled
            case .verifyFull:
                settings.authorities.map { .verified(rootCertificatePath: $0) } ?? .systemRoots
            }
        self.init(
            name: name,
            host: settings.host,
            port: settings.port,
            database: settings.database,
            tls: tls,
            administrator: Administrator(
                role: settings.administrator,
                password: secrets.source(settings.administratorPassword)
            ),
            strategy: settings.accounts.count == 2 ? .alternate : .replace,
            accounts: settings.accounts,
            ownerRole: settings.owner,
            verifier: settings.passwordForm == .scram ? .scram : .plaintext
        )
    }
}

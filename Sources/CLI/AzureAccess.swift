import Foundation
import RekeyAzure
import RekeyConfiguration
import RekeyCore
import RekeyPlatform

/// The Azure cloud in use: one HTTP client and one identity, shared by every Azure adapter.
struct AzureAccess: Sendable {
    let environment: AzureEnvironment
    let http: HTTPClient
    let tokens: EntraTokens
    /// Whether Entra is where the cloud has it, and not behind another address.
    let hasOwnAuthority: Bool

    init(_ settings: AzureSettings, secrets: SecretResolver) throws {
        environment = AzureEnvironment(settings)
        hasOwnAuthority = environment.hasAuthority(of: AzureEnvironment(settings.cloud))
        http = HTTPClient(trust: settings.authorities.map { .file($0) } ?? .system, name: "azure")
        tokens = EntraTokens(
            try Self.identity(settings, secrets),
            environment: environment,
            http: http
        )
    }

    private static func certificate(_ files: CertificateFiles) throws -> ClientCertificate {
        do {
            let certificate = try Certificate(pem: SecretResolver.file(files.certificate).bytes)
            let key = try PrivateKey(pem: SecretResolver.file(files.signingKey))
            return try ClientCertificate(certificate, key: key)
        } catch {
            throw Problem(
                (error as? StepFailure)?.reason ?? "the certificate cannot be used: \(error)",
                hint: "`azure.identity.certificate` names its file, and that of its key",
                code: Problem.configuration
            )
        }
    }

    private static func identity(
        _ settings: AzureSettings,
        _ secrets: SecretResolver
    ) throws -> EntraIdentity {
        switch settings.identity {
        case .clientSecret(let client, let secret):
            return .clientSecret(
                tenant: settings.tenant,
                client: client,
                secret: secrets.source(secret)
            )
        case .certificate(let client, let files):
            return .certificate(
                tenant: settings.tenant,
                client: client,
                try certificate(files)
            )
        case .federated(let client, let file):
            return .federated(tenant: settings.tenant, client: client, file: file)
        case .managedIdentity(let client):
            let environment = ProcessInfo.processInfo.environment
            let selector = client.map { ManagedIdentity.Selector.clientID($0) } ?? .system
            guard let endpoint = environment["IDENTITY_ENDPOINT"] else {
                let host = ManagedIdentity.Host.metadata(endpoint: settings.instanceMetadata)
                return .managed(ManagedIdentity(host, selector: selector))
            }
            let header = try SecretResolver.environment("IDENTITY_HEADER")
            let host = ManagedIdentity.Host.app(endpoint: endpoint, header: header)
            return .managed(ManagedIdentity(host, selector: selector))
        }
    }
}

extension AzureEnvironment {
    /// The cloud's, at the addresses that the settings name instead of its own.
    init(_ settings: AzureSettings) {
        self.init(settings.cloud)
        // The resources, which tokens are for, stay.
        authority = settings.authority ?? authority
        graph = settings.graph ?? graph
        resourceManager = settings.resourceManager ?? resourceManager
    }

    fileprivate init(_ cloud: AzureSettings.Cloud) {
        switch cloud {
        case .public: self = .publicCloud
        case .usGovernment: self = .government
        case .china: self = .china
        }
    }

    /// Whether Entra is at the same place, however its address is spelt.
    fileprivate func hasAuthority(of other: AzureEnvironment) -> Bool {
        let places = [authority, other.authority].map { text in
            let url = URLComponents(string: text)
            return [url?.host?.lowercased() ?? text, "\(url?.port ?? 443)", url?.path ?? ""]
        }
        return places[0] == places[1]
    }
}

extension Secret {
    /// The bytes of a certificate, which is no secret though it came from a file like one.
    var bytes: [UInt8] {
        reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
    }
}

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
        hasOwnAuthority = settings.authority == nil
        http = HTTPClient(trust: settings.authorities.map { .file($0) } ?? .system, name: "azure")
        tokens = EntraTokens(
            try Self.identity(settings, secrets),
            environment: environment,
            http: http
        )
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
            let certificate = try Certificate(
                pem: SecretResolver.file(files.certificate).bytes
            )
            let key = try PrivateKey(pem: SecretResolver.file(files.signingKey))
            return .certificate(
                tenant: settings.tenant,
                client: client,
                try ClientCertificate(certificate, key: key)
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
        switch settings.cloud {
        case .public: self = .publicCloud
        case .usGovernment: self = .government
        case .china: self = .china
        }
        // The resources, which tokens are for, stay.
        authority = settings.authority ?? authority
        graph = settings.graph ?? graph
        resourceManager = settings.resourceManager ?? resourceManager
    }
}

extension Secret {
    /// The bytes of a certificate, which is no secret though it came from a file like one.
    var bytes: [UInt8] {
        reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
    }
}

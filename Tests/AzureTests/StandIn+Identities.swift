import RealParts
import RekeyAzure
import RekeyCore
import StandInParts

/// The stand-in as an adapter is told of it.
extension StandIn {
    private static let common = Task { try await StandIn.start() }

    /// One for every suite that keeps its faults to its own vaults and applications.
    static func shared() async throws -> StandIn { try await common.value }

    var environment: AzureEnvironment {
        AzureEnvironment(
            authority: facts.authority,
            graph: facts.graph,
            graphResource: "https://graph.microsoft.com",
            resourceManager: facts.arm,
            resourceManagerResource: "https://management.azure.com",
            vaultSuffix: "vault.azure.net"
        )
    }

    func application(_ name: String) throws -> Application {
        guard let application = facts.applications[name] else {
            throw PartFailure("no application \(name)")
        }
        return application
    }

    /// How the application signs in with its first password.
    func secretIdentity(_ name: String) throws -> EntraIdentity {
        let application = try application(name)
        guard let file = application.passwordFiles?.first else {
            throw PartFailure("\(name) has no password")
        }
        let secret = try Self.secret(at: file)
        return .clientSecret(tenant: facts.tenant, client: application.appId) { secret }
    }

    func tokens(as name: String = "rekey") throws -> EntraTokens {
        EntraTokens(try secretIdentity(name), environment: environment, http: http)
    }
}

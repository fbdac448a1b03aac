import RekeyAzure
import RekeyCore

/// What a vault wants a token for, learnt from its own challenge and remembered.
///
/// The first request to a vault carries neither token nor body, so no secret travels to a host
/// that has not said what it is (azure.md §2, as Microsoft's clients do it).
actor VaultAdmission {
    private let settings: AzureKeyVaultSettings
    private let origin: WebOrigin
    private let client: AzureClient
    private var known: String?

    init(_ settings: AzureKeyVaultSettings, origin: WebOrigin, client: AzureClient) {
        self.settings = settings
        self.origin = origin
        self.client = client
    }

    /// The resource, by asking for `path` where it is not known yet.
    func resource(asking path: String) async throws(AzureFailure) -> String {
        if let known { return known }
        let challenge = try await client.challenge("challenge", path)
        guard let resource = challenge.resource, let named = WebOrigin(resource) else {
            throw client.failure(.permanent, "challenge", "it names no resource")
        }
        guard isTrusted(resource, named) else {
            let detail = "it asks for a token that this host must not have, for \(named)"
            throw client.failure(.permanent, "challenge", detail)
        }
        known = resource
        return resource
    }

    func forget() { known = nil }

    private func isTrusted(_ resource: String, _ named: WebOrigin) -> Bool {
        guard named.scheme == "https" else { return false }
        if settings.verifiesChallengeResource { return origin.host.hasSuffix(".\(named.host)") }
        return named == WebOrigin(settings.environment.vaultResource)
    }
}

package import RekeyCore
package import RekeyPlatform

/// Azure Resource Manager: requests by resource id, lists, and operations that take their time.
package struct ARMClient: Sendable {
    private let client: AzureClient
    private let resource: String
    let pause: @Sendable (Duration) async throws -> Void

    /// Throws where the environment's address is no https address.
    ///
    /// `pause` is given by tests that do not want to wait between polls.
    package init(
        environment: AzureEnvironment,
        http: any HTTPTransport,
        tokens: any TokenSource,
        throttle: RequestThrottle? = nil,
        pause: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        }
    ) throws(StepFailure) {
        guard let origin = WebOrigin(environment.resourceManager), origin.scheme == "https" else {
            throw StepFailure(.permanent, "ARM: the address is no https address")
        }
        client = AzureClient(
            name: "ARM",
            origin: origin,
            http: http,
            tokens: tokens,
            throttle: throttle
        )
        resource = environment.resourceManagerResource
        self.pause = pause
    }

    /// Sends one request to a resource id such as `/subscriptions/…/jobs/x`.
    ///
    /// `query` is added after the version, percent-encoded by the caller. `operation` names the
    /// request in failures.
    package func send(
        _ operation: String,
        _ method: HTTPMethod,
        _ id: String,
        version: String,
        query: String? = nil,
        body: Secret? = nil,
        effect: RequestEffect
    ) async throws(AzureFailure) -> AzureResponse {
        let path = path(id, version: version, query: query)
        let request = AzureRequest(operation, method, path, body: body, effect: effect)
        return try await client.send(request, for: resource)
    }

    /// Every element of a list.
    package func list<Element: Decodable & Sendable>(
        _ operation: String,
        _ id: String,
        version: String,
        query: String? = nil,
        of type: Element.Type
    ) async throws(AzureFailure) -> [Element] {
        let path = path(id, version: version, query: query)
        let request = AzureRequest(operation, .get, path, effect: .reads)
        return try await client.list(request, for: resource, of: type)
    }

    /// Reads what a server's link leads to, which has to be on this host.
    func follow(_ link: String, _ operation: String) async throws(AzureFailure) -> AzureResponse {
        let path = try client.path(ofLink: link, operation)
        return try await client.send(
            AzureRequest(operation, .get, path, effect: .reads),
            for: resource
        )
    }

    func failure(
        _ kind: StepFailure.Kind,
        _ operation: String,
        _ detail: String
    ) -> AzureFailure {
        client.failure(kind, operation, detail)
    }

    private func path(_ id: String, version: String, query: String?) -> String {
        "\(id)?api-version=\(version)" + (query.map { "&\($0)" } ?? "")
    }
}

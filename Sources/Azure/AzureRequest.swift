package import RekeyCore
package import RekeyPlatform

/// A request to the host that an `AzureClient` was made for.
package struct AzureRequest: Sendable {
    /// What it is called in a failure's reason, such as `getSecret orders-db`.
    package var operation: String
    package var method: HTTPMethod
    /// Path and query, percent-encoded, beginning with a slash.
    package var path: String
    package var body: Secret?
    package var effect: RequestEffect

    package init(
        _ operation: String,
        _ method: HTTPMethod,
        _ path: String,
        body: Secret? = nil,
        effect: RequestEffect
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.body = body
        self.effect = effect
    }
}

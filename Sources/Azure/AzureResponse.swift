import Foundation
package import RekeyCore
package import RekeyPlatform

/// An answer of success, whose body may hold a secret.
package struct AzureResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: Secret
    private let operation: String
    private let effect: RequestEffect

    init(_ response: HTTPResponse, operation: String, effect: RequestEffect) {
        status = response.status
        headers = response.headers
        body = response.body
        self.operation = operation
        self.effect = effect
    }

    /// The body as JSON.
    ///
    /// Not for bodies that hold a secret: a decoder leaves copies behind.
    package func decoded<Value: Decodable>(as type: Value.Type) throws(AzureFailure) -> Value {
        let bytes = body.reveal { span in Data((0..<span.byteCount).map { span[byteAt: $0] }) }
        return try decoded(bytes, as: type)
    }

    /// The body as JSON without `field` of its top level, and that field's text.
    package func decoded<Value: Decodable>(
        as type: Value.Type,
        lifting field: String
    ) throws(AzureFailure) -> (value: Value, secret: Secret?) {
        guard let lifted = LiftedJSON(body, lifting: field) else { throw unreadable }
        return (try decoded(lifted.rest, as: type), lifted.secret)
    }

    private func decoded<Value: Decodable>(
        _ bytes: Data,
        as type: Value.Type
    ) throws(AzureFailure) -> Value {
        do { return try JSONDecoder().decode(type, from: bytes) } catch { throw unreadable }
    }

    /// An answer of success that cannot be read: what was asked for may well have been done.
    private var unreadable: AzureFailure {
        AzureFailure(
            effect == .once ? .unknown : .permanent,
            operation,
            status: status,
            detail: "the answer is not the JSON that was expected"
        )
    }
}

extension AzureFailure {
    /// An answer of failure.
    init(_ response: HTTPResponse, for operation: String, effect: RequestEffect) {
        let body = AzureErrorBody(response.body)
        let kind: StepFailure.Kind =
            switch response.status {
            case 429: .transient
            case 408, 500...: effect == .once ? .unknown : .transient
            default: .permanent
            }
        self.init(
            kind,
            operation,
            status: response.status,
            code: body.code,
            innerCode: body.innerCode,
            retryAfterSeconds: RetryAfter.seconds(response.headers),
            requestID: AzureErrorBody.clean(response.headers["x-ms-request-id"])
        )
    }
}

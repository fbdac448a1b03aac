/// Why there is no response, and whether the request may have taken effect all the same.
package struct HTTPFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// Nothing reached the server: its name, its port or its certificate stood in the way.
        case notSent
        /// Some or all of the request was sent, so it may have taken effect.
        case maybeSent
        /// The request is not one that this client sends, and nothing was tried.
        case refused
        /// The task was cancelled, or the client closed.
        case cancelled(maybeSent: Bool)
    }

    package let kind: Kind

    /// libcurl's code: `CURLcode`, or `CURLMcode` where the call is a `curl_multi_…`.
    package let code: Int32

    /// The call, its code and the server: never a path, a query, a header or a body.
    package let call: String

    package init(_ kind: Kind, code: Int32, call: String) {
        self.kind = kind
        self.code = code
        self.call = call
    }

    package var description: String { "\(kind): \(call)" }

    /// Whether the server may have acted on the request.
    package var mayHaveTakenEffect: Bool {
        switch kind {
        case .notSent, .refused, .cancelled(maybeSent: false): false
        case .maybeSent, .cancelled(maybeSent: true): true
        }
    }
}

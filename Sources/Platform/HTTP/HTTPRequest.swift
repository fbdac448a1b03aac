package import RekeyCore

/// One request, complete before it is sent.
///
/// Its description names the method and the server, never a path, a query, a header or the body.
package struct HTTPRequest: Sendable {
    package static let defaultTimeout = Duration.seconds(30)
    package static let defaultConnectTimeout = Duration.seconds(5)
    package static let defaultResponseByteLimit = 4 * 1024 * 1024

    /// A longer body is refused before anything is sent.
    package static let bodyByteLimit = 16 * 1024 * 1024

    package var method: HTTPMethod

    /// An `https` or `http` URL, which may not hold a user name or a password.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: Secret?

    /// How long everything may take, the wait for a free place included.
    package var timeout: Duration

    /// How long the name's look-up, the connection and the TLS handshake may take together.
    package var connectTimeout = HTTPRequest.defaultConnectTimeout

    /// A response whose body is longer fails, though the request may have taken effect.
    package var responseByteLimit = HTTPRequest.defaultResponseByteLimit

    /// Whether the proxies named by the environment are left out, as for a link-local address.
    package var bypassesProxy = false

    /// Whether sending the request twice is harmless; at first, whether its method only reads.
    ///
    /// libcurl repeats a request by itself when a connection that it used before turns out to be
    /// dead (`Curl_retry_request`). A request that must not be repeated gets a new connection.
    package var isSafeToRepeat: Bool

    package init(
        _ method: HTTPMethod,
        _ url: String,
        headers: [HTTPHeader] = [],
        body: Secret? = nil,
        timeout: Duration = HTTPRequest.defaultTimeout
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        isSafeToRepeat = method.isSafe
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let address = try? HTTPAddress(url)  // A refused URL has no part that is safe to print.
        return "\(method.rawValue) \(address?.hostAndPort ?? "<refused>")"
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

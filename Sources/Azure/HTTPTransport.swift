package import RekeyPlatform

/// Sends one HTTP request once: libcurl in the program, recorded exchanges in a test.
package protocol HTTPTransport: Sendable {
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}

extension HTTPClient: HTTPTransport {}

import CCurl

/// The parts of a URL that may be printed, read by libcurl's own parser.
struct HTTPAddress: Equatable, Sendable {
    /// A longer URL is refused; Azure's own limit for one is 2 KiB, signed ones reach further.
    static let urlByteLimit = 16 * 1024

    let hostAndPort: String

    /// Refuses what is not `http` or `https`, names no host, or carries a user name or password.
    init(_ url: String) throws(HTTPFailure) {
        guard url.utf8.count <= Self.urlByteLimit else {
            throw Self.refusal("url: longer than \(Self.urlByteLimit) bytes")
        }
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw Self.refusal("url: a space or a control character")
        }
        guard let parts = URLParts() else { throw Self.refusal("curl_url: no memory") }
        let code = parts.parse(url)
        guard code == CURLUE_OK else { throw Self.refusal("curl_url_set: \(code.rawValue)") }
        guard let scheme = parts[CURLUPART_SCHEME], ["http", "https"].contains(scheme) else {
            throw Self.refusal("url: neither https nor http")
        }
        guard parts[CURLUPART_USER] == nil, parts[CURLUPART_PASSWORD] == nil else {
            throw Self.refusal("url: a user name or password does not belong there")
        }
        guard let host = parts[CURLUPART_HOST], let port = parts[CURLUPART_PORT] else {
            throw Self.refusal("url: no host")
        }
        hostAndPort = "\(host):\(port)"
    }

    private static func refusal(_ call: String) -> HTTPFailure {
        HTTPFailure(.refused, code: Int32(CURLE_URL_MALFORMAT.rawValue), call: call)
    }
}

/// A `CURLU` with one owner.
@safe private struct URLParts: ~Copyable {
    private let handle: OpaquePointer

    init?() {
        HTTPLibrary.start()
        guard let handle = unsafe curl_url() else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_url_cleanup(handle) }

    func parse(_ url: String) -> CURLUcode {
        unsafe curl_url_set(handle, CURLUPART_URL, url, 0)
    }

    /// The part, or `nil` where the URL has none.
    subscript(part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        let code = unsafe curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT))
        guard code == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}

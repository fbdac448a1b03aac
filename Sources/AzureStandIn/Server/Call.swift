import Foundation

/// One request as an API of the stand-in sees it: no sockets, so that it can be tested as a value.
struct Call: Sendable {
    var api: API
    var method: String
    /// Decoded, without empty parts: a trailing slash makes no difference, as at Key Vault.
    var path: [String]
    var rawPath: String
    var query: [String: String]
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    /// Host and port as the client wrote them; ids and links must carry these.
    var authority: String

    init(
        api: API,
        method: String,
        target: String,
        headers: [String: String] = [:],
        body: [UInt8] = [],
        authority: String = "localhost"
    ) {
        self.api = api
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        rawPath = parts.first.map(String.init) ?? "/"
        path = rawPath.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = parts.count > 1 ? FormText.decode(String(parts[1])) : [:]
        self.headers = headers
        self.body = body
        self.authority = authority
    }

    /// The token of an `Authorization: Bearer` header; nil where there is none.
    var bearer: String? {
        guard let value = headers["authorization"] else { return nil }
        let prefix = "bearer "
        guard value.lowercased().hasPrefix(prefix) else { return nil }
        return String(value.dropFirst(prefix.count))
    }

    var json: JSON? { JSON(parsing: body) }
    var origin: String { "https://\(authority)" }
}

/// `application/x-www-form-urlencoded`, which query strings and token requests share.
enum FormText {
    /// The last of several equal names counts.
    static func decode(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = decodeOne(String(parts[0]))
            fields[name] = parts.count > 1 ? decodeOne(String(parts[1])) : ""
        }
        return fields
    }

    private static func decodeOne(_ text: String) -> String {
        let spaced = String(text.map { $0 == "+" ? " " : $0 })
        return spaced.removingPercentEncoding ?? spaced
    }
}

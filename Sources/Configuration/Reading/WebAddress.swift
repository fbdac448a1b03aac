/// A URL without user information, query or fragment.
struct WebAddress: Equatable {
    /// Why a text is not one.
    struct Problem: Error {
        let text: String
    }

    let scheme: String
    let host: String
    let port: Int?
    /// Empty, or beginning with `/`.
    let path: String
    let text: String

    /// Whether it stays on this machine.
    var isLoopback: Bool { Host.isLoopback(host) }

    static func parse(
        _ text: String,
        schemes: [String],
        allowsQuery: Bool = false
    ) -> Result<WebAddress, Problem> {
        let expected = Problem(text: "expected a URL that begins with \(prefixes(schemes))")
        guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else {
            return .failure(expected)
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            return .failure(Problem(text: "a URL here holds no user and no secret"))
        }
        let path = String(rest.dropFirst(authority.count))
        guard !path.contains("#"), allowsQuery || !path.contains("?"), !text.contains(" ") else {
            return .failure(Problem(text: "a URL here has no query and no fragment"))
        }
        guard let (host, port) = Host.parse(String(authority)) else { return .failure(expected) }
        return .success(WebAddress(scheme: scheme, host: host, port: port, path: path, text: text))
    }

    private static func prefixes(_ schemes: [String]) -> String {
        schemes.map { "\($0)://" }.joined(separator: " or ")
    }
}

/// A host and a port, as in `example.com:443` or `[::1]:443`.
enum Host {
    static func parse(_ text: String) -> (host: String, port: Int?)? {
        var host = Substring(text)
        var port: Int?
        let bracket = text.lastIndex(of: "]")
        if let colon = text.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            guard let number = Int(text[text.index(after: colon)...]),
                (1...65_535).contains(number)
            else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let isPlain = host.utf8.allSatisfy { byte in
            // libcurl decodes `%2e`, and would ask another host than the one that was judged.
            byte > 0x20 && byte < 0x7F && !Array("[]%\\".utf8).contains(byte)
        }
        guard !host.isEmpty, isPlain, bracket != nil || !host.contains(":") else { return nil }
        return (String(host), port)
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("/") || isLoopbackIPv4(host)
    }

    /// Whether it is an address of 127.0.0.0/8, and no name that only begins like one.
    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// What a `WWW-Authenticate` header asks for (RFC 9110 §11.6.1, RFC 6750 §3).
package struct BearerChallenge: Equatable, Sendable {
    /// `Bearer` or `PoP`, as Key Vault spells it.
    package let scheme: String
    /// The parameters, by name in lower case.
    package let parameters: [String: String]

    /// A longer header is not read.
    private static let byteLimit = 8 * 1024

    /// The first challenge of `header` whose scheme is `Bearer` or `PoP`.
    package init?(_ header: String) {
        guard header.utf8.count <= Self.byteLimit else { return nil }
        var rest = header[...]
        while let scheme = Self.scheme(&rest) {
            let parameters = Self.parameters(&rest)
            guard ["bearer", "pop"].contains(scheme.lowercased()) else { continue }
            self.scheme = scheme
            self.parameters = parameters
            return
        }
        return nil
    }

    /// The resource that a token is wanted for, whichever way it is said; without `/.default`.
    package var resource: String? {
        guard let named = parameters["scope"] ?? parameters["resource"] else { return nil }
        let suffix = "/.default"
        return named.hasSuffix(suffix) ? String(named.dropLast(suffix.count)) : named
    }

    package var authorization: String? {
        parameters["authorization"] ?? parameters["authorization_uri"]
    }

    /// What continuous access evaluation demands; it is Base 64 in the header.
    package var claims: String? { parameters["claims"] }

    private static func scheme(_ rest: inout Substring) -> String? {
        rest = rest.drop { $0 == " " || $0 == "," }
        let word = rest.prefix { $0 != " " }
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(word)
    }

    private static func parameters(_ rest: inout Substring) -> [String: String] {
        var parameters: [String: String] = [:]
        while true {
            var ahead = rest.drop { $0 == " " || $0 == "," }
            let name = ahead.prefix { $0 != "=" && $0 != " " && $0 != "," }
            ahead = ahead.dropFirst(name.count)
            guard !name.isEmpty, ahead.first == "=" else { return parameters }
            ahead = ahead.dropFirst()
            parameters[name.lowercased()] = value(&ahead)
            rest = ahead
        }
    }

    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != "," && $0 != " " }
            rest = rest.dropFirst(token.count)
            return String(token)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            value.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return value
    }
}

import Foundation

/// Scheme, host and port of a URL, in one spelling: lower case, default ports left out.
///
/// Azure's own links spell the port out (`https://x.vault.azure.net:443/…`), so addresses are only
/// compared in this form.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    /// nil for the scheme's own.
    package let port: Int?

    /// nil where `url` is no `https` or `http` URL with a host, or holds a user name.
    package init?(_ url: String) {
        guard let parts = URLComponents(string: url), parts.user == nil, parts.password == nil,
            let scheme = parts.scheme?.lowercased(), let host = parts.host?.lowercased(),
            !host.isEmpty, scheme == "https" || scheme == "http"
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = parts.port == (scheme == "https" ? 443 : 80) ? nil : parts.port
    }

    package var description: String {
        "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "")
    }

    /// Path and query of `link`, percent-encoded; nil where the link leads to another origin.
    ///
    /// What is requested afterwards is this origin with that path, so a token cannot reach another
    /// host even where two parsers read the link differently.
    package func path(ofLink link: String) -> String? {
        guard WebOrigin(link) == self, let parts = URLComponents(string: link) else { return nil }
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        return path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }
}

import Foundation

/// Whose certificates are believed.
///
/// The peer and its host name are verified in either case.
package enum TLSTrust: Sendable {
    /// The system's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` where set.
    case system
    /// The PEM certificates of one file, and nobody else.
    case file(String)

    /// What libcurl's `CURLOPT_CAINFO` and `CURLOPT_CAPATH` are set to; `nil` leaves its default.
    ///
    /// libcurl itself reads neither variable; OpenSSL's own meaning of them is kept, in which
    /// either replaces the system's.
    func authorities(
        environment: [String: String] = ProcessInfo.processInfo.environment
    )
        -> TLSAuthorities?
    {
        switch self {
        case .file(let path):
            return TLSAuthorities(file: path, folder: nil)
        case .system:
            let file = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
            let folder = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
            if file == nil, folder == nil { return nil }
            return TLSAuthorities(file: file, folder: folder)
        }
    }
}

/// Where certificates of authorities are read from, in place of the system's.
struct TLSAuthorities: Equatable, Sendable {
    let file: String?
    let folder: String?
}

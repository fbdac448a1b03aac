import Foundation
import RekeyCore
import RekeyPorts

/// A secret as Key Vault describes it, without its value.
struct SecretBundle: Decodable, Sendable {
    struct Attributes: Decodable {
        let enabled: Bool?
        /// Seconds since 1970, as all of Key Vault's dates.
        let exp: Double?
        let created: Double?
    }

    /// The version's own address; a deleted secret's has no value either.
    let id: String?
    let contentType: String?
    let attributes: Attributes?
    let tags: [String: String]?
    /// Whether a certificate owns the secret, which then changes with the certificate only.
    let managed: Bool?

    /// The last part of `…/secrets/<name>/<version>`.
    var versionID: VersionID? {
        let parts = (id ?? "").split(separator: "/")
        guard parts.count >= 5, parts[parts.count - 3] == "secrets" else { return nil }
        return parts.last.map { VersionID(String($0)) }
    }

    /// The end of 9999: a later date is no date, and would not fit where it is written again.
    private static let latestSeconds = 253_402_300_799.0

    private static func date(_ seconds: Double) -> Date {
        Date(timeIntervalSince1970: min(max(seconds, 0), latestSeconds))
    }

    func version(value: Secret?) -> VaultVersion? {
        guard let versionID else { return nil }
        return VaultVersion(
            id: versionID,
            value: value,
            isEnabled: attributes?.enabled ?? true,
            expires: attributes?.exp.map(Self.date),
            created: attributes?.created.map(Self.date),
            contentType: contentType,
            tags: tags ?? [:]
        )
    }
}

/// A new version, but for its value.
///
/// Everything is said each time, since a PUT inherits nothing from the version before.
struct SetParameters: Encodable {
    struct Attributes: Encodable {
        let enabled: Bool
        let exp: Int?
    }

    let contentType: String?
    let tags: [String: String]
    let attributes: Attributes

    init(_ entry: VaultEntry) {
        contentType = entry.contentType
        tags = entry.tags
        let exp = entry.expires.map { Int($0.timeIntervalSince1970.rounded(.down)) }
        attributes = Attributes(enabled: true, exp: exp)
    }
}

/// A change of a version's attributes; what is not said stays as it was.
struct UpdateParameters: Encodable {
    struct Attributes: Encodable { let enabled: Bool }

    var attributes: Attributes?
    var tags: [String: String]?

    static let disabling = UpdateParameters(attributes: Attributes(enabled: false))
}

import Foundation

/// One vault with its secrets.
struct VaultState: Sendable {
    let name: String
    var isSoftDelete = true
    var isPurgeProtected = false
    var retentionDays = 90
    /// By name of the application.
    var permissions: [String: Set<String>] = [:]
    /// By name in lower case: names are not case-sensitive.
    var secrets: [String: SecretRecord] = [:]

    /// Times of the writes of the last ten seconds, by the machine's clock.
    var recentWrites: [Date] = []

    var recoveryLevel: String {
        guard isSoftDelete else { return "Purgeable" }
        return isPurgeProtected ? "Recoverable" : "Recoverable+Purgeable"
    }

    /// A new version id: 32 hexadecimal digits, in no order of time.
    static func newVersionID() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}

/// One secret of a vault: its versions in the order of their making, and whether it is deleted.
struct SecretRecord: Sendable {
    enum Phase: Equatable, Sendable {
        case active
        /// Among the deleted ones from `visibleFrom` on, by the machine's clock.
        case deleted(at: Date, visibleFrom: Date)
        /// Readable from `readableFrom` on, writable from `writableFrom` on.
        case recovering(readableFrom: Date, writableFrom: Date)
    }

    let name: String
    var versions: [SecretVersion] = []
    var phase = Phase.active

    var latest: SecretVersion? { versions.last }

    func isReadable(at real: Date) -> Bool {
        switch phase {
        case .active: true
        case .deleted: false
        case .recovering(let readableFrom, _): real >= readableFrom
        }
    }

    func isListedAsDeleted(at real: Date) -> Bool {
        guard case .deleted(_, let visibleFrom) = phase else { return false }
        return real >= visibleFrom
    }
}

/// One version of a secret; times are whole seconds since 1970, as at Key Vault.
struct SecretVersion: Sendable {
    let id: String
    let value: String
    var contentType: String?
    var tags: [String: String]?
    var isEnabled = true
    var notBefore: Int?
    var expires: Int?
    let created: Int
    var updated: Int
    /// Whether the expiry is the one that the version was made with.
    var isExpiryOriginal = true
    /// Names of the subscriptions that were told of its expiry, each with the type of the event.
    var announced: Set<String> = []

    var digest: String { SecretDigest.hex(value) }

    func attributes(_ vault: VaultState) -> JSON {
        var members: [String: JSON] = [
            "enabled": .bool(isEnabled), "created": .integer(created),
            "updated": .integer(updated), "recoveryLevel": .string(vault.recoveryLevel),
        ]
        if vault.isSoftDelete { members["recoverableDays"] = .integer(vault.retentionDays) }
        if let notBefore { members["nbf"] = .integer(notBefore) }
        if let expires { members["exp"] = .integer(expires) }
        return .object(members)
    }

    /// A bundle without a value, as updates answer and lists show it.
    func item(id: String, in vault: VaultState) -> [String: JSON] {
        var members: [String: JSON] = ["id": .string(id), "attributes": attributes(vault)]
        if let contentType { members["contentType"] = .string(contentType) }
        if let tags { members["tags"] = .object(tags.mapValues(JSON.string)) }
        return members
    }
}

/// How a value is made, where Rekey makes it.
package enum GeneratorPolicy: Codable, Equatable, Sendable {
    /// At least one character of every class, and no sign that any carrier's form has to escape.
    case password(length: Int, classes: Set<CharacterClass> = CharacterClass.standard)
    /// Lower-case digits, two for each byte.
    case hex(byteCount: Int)
    /// A version 4 UUID in lower case: 122 random bits.
    case uuid
    /// RFC 4648 §5, without padding.
    case base64url(byteCount: Int)

    /// The shortest holds 71 bits in letters and digits; SQL Server takes at most 128 characters.
    package static let passwordLengths = 12...128
    package static let byteCounts = 16...64
}

extension GeneratorPolicy {
    private enum CodingKeys: CodingKey { case password, hex, uuid, base64url }
    private enum PasswordCodingKeys: CodingKey { case length, classes }
    private enum HexCodingKeys: CodingKey { case byteCount }
    private enum UuidCodingKeys: CodingKey {}
    private enum Base64urlCodingKeys: CodingKey { case byteCount }

    /// As it would be made by itself, but for the classes, which a set has in another order in each
    /// process: equal policies are equal bytes.
    package func encode(to encoder: any Encoder) throws {
        var cases = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .password(let length, let classes):
            var own = cases.nestedContainer(keyedBy: PasswordCodingKeys.self, forKey: .password)
            try own.encode(length, forKey: .length)
            try own.encode(classes.sorted(), forKey: .classes)
        case .hex(let byteCount):
            var own = cases.nestedContainer(keyedBy: HexCodingKeys.self, forKey: .hex)
            try own.encode(byteCount, forKey: .byteCount)
        case .uuid: _ = cases.nestedContainer(keyedBy: UuidCodingKeys.self, forKey: .uuid)
        case .base64url(let byteCount):
            var own = cases.nestedContainer(keyedBy: Base64urlCodingKeys.self, forKey: .base64url)
            try own.encode(byteCount, forKey: .byteCount)
        }
    }
}

/// A kind of character that a target's password policy may ask for.
///
/// The signs are those that URL, ADO.NET, JSON, `.env`, shells and PowerShell all take unquoted;
/// a password never begins with one, since `-` would read as an option.
package enum CharacterClass: String, Codable, Sendable, CaseIterable, Comparable {
    case lower, upper, digits, signs

    package static let standard: Set<CharacterClass> = [.lower, .upper, .digits]

    package var characters: String {
        switch self {
        case .lower: "abcdefghijklmnopqrstuvwxyz"
        case .upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        case .digits: "0123456789"
        case .signs: "-._"
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

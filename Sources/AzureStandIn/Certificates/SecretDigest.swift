import RekeyPlatform

/// SHA-256, by which the change log knows a value.
enum SecretDigest {
    /// The digest of a text's UTF-8 bytes, as 64 hexadecimal digits.
    static func hex(_ text: String) -> String { Hex.encode(Digest.sha256(text.utf8)) }
}

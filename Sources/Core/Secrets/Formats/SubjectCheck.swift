/// Why a value must not be rotated as if it were a password.
package enum SubjectRefusal: String, Error, Sendable, CustomStringConvertible {
    case dataProtectionPayload
    case keyRing

    package var description: String {
        switch self {
        case .dataProtectionPayload:
            "the value is an ASP.NET DataProtection payload (CfDJ8…): only the key ring that made "
                + "it can read it, so a generated value in its place could not be read at all"
        case .keyRing:
            "the value is key-ring material: what it encrypted can be read with nothing else, "
                + "so replacing it loses data"
        }
    }
}

/// Tells credentials from values that only look like them.
package enum SubjectCheck {
    /// The first bytes of every DataProtection payload, 09 F0 C9 F0, in base64url.
    private static let payloadPrefix = "CfDJ8"
    /// Elements of the XML key repository of ASP.NET DataProtection, and of XML encryption.
    private static let keyRingMarks = [
        "<encryptedSecret", "<encryptedKey", "<EncryptedData", "<masterKey", "<keyRing",
        "deserializerType=",
    ]

    /// Why `value` is refused as a subject; nil where it may rotate.
    ///
    /// Ask it of the document and of the credential within.
    package static func refusal(of value: Secret) -> SubjectRefusal? {
        let bytes = ErasableBytes(value)
        var start = 0
        while let byte = bytes.byte(at: start), byte.isSpace || byte == ASCII.doubleQuote {
            start += 1
        }
        if has(payloadPrefix, at: start, in: bytes) { return .dataProtectionPayload }
        guard bytes.contains(where: { $0 == UInt8(ascii: "<") }) else { return nil }
        let isKeyRing = keyRingMarks.contains { mark in
            (0..<bytes.count).contains { has(mark, at: $0, in: bytes) }
        }
        return isKeyRing ? .keyRing : nil
    }

    private static func has(_ text: String, at offset: Int, in bytes: ErasableBytes) -> Bool {
        text.utf8.enumerated().allSatisfy { bytes.byte(at: offset + $0.offset) == $0.element }
    }
}

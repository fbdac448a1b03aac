/// Makes new values; randomness comes in, so that the core has none of its own.
package enum Generator {
    /// Makes a value by `policy`, every conforming value as likely as any other.
    ///
    /// The policy has to be within its limits, and `random` cryptographically secure, as
    /// `SystemRandomNumberGenerator` is.
    package static func makeSecret(
        _ policy: GeneratorPolicy,
        using random: inout some RandomNumberGenerator
    ) -> Secret {
        switch policy {
        case .password(let length, let classes):
            return password(length, classes, &random)
        case .hex(let byteCount):
            return hex(bytes(byteCount, &random)).secret()
        case .uuid:
            return uuid(&random)
        case .base64url(let byteCount):
            return base64url(byteCount, &random)
        }
    }

    /// Draws whole passwords until one has every class: mending one would favour some of them.
    private static func password(
        _ length: Int,
        _ classes: Set<CharacterClass>,
        _ random: inout some RandomNumberGenerator
    ) -> Secret {
        let firstClasses = classes.subtracting([.signs])
        precondition(
            GeneratorPolicy.passwordLengths.contains(length) && !firstClasses.isEmpty,
            "A password needs a length within limits and letters or digits."
        )
        let classOf = Dictionary(
            classes.flatMap { kind in kind.characters.utf8.map { ($0, kind) } },
            uniquingKeysWith: { first, _ in first }
        )
        let alphabet = classOf.keys.sorted()
        while true {
            let value = ErasableBytes(capacity: length)
            var seen: Set<CharacterClass> = []
            for _ in 0..<length {
                let byte = alphabet[Int(random.next(upperBound: UInt64(alphabet.count)))]
                value.append(byte)
                if let kind = classOf[byte] { seen.insert(kind) }
            }
            if seen == classes, classOf[value[0]] != .signs { return value.secret() }
        }
    }

    private static func bytes(
        _ count: Int,
        _ random: inout some RandomNumberGenerator
    ) -> ErasableBytes {
        precondition(GeneratorPolicy.byteCounts.contains(count), "The length has its limits.")
        let bytes = ErasableBytes(capacity: count)
        for _ in 0..<count { bytes.append(random.next()) }
        return bytes
    }

    private static func hex(_ bytes: ErasableBytes) -> ErasableBytes {
        let text = ErasableBytes(capacity: 2 * bytes.count)
        for offset in 0..<bytes.count {
            let digits = bytes[offset].hexDigits
            for digit in [digits.high, digits.low] {
                text.append(digit.isLetter ? digit | 0x20 : digit)
            }
        }
        return text
    }

    /// RFC 9562 §5.4.
    private static func uuid(_ random: inout some RandomNumberGenerator) -> Secret {
        let bytes = ErasableBytes(capacity: 16)
        for offset in 0..<16 {
            let byte: UInt8 = random.next()
            switch offset {
            case 6: bytes.append(byte & 0x0F | 0x40)
            case 8: bytes.append(byte & 0x3F | 0x80)
            default: bytes.append(byte)
            }
        }
        let digits = hex(bytes)
        let text = ErasableBytes(capacity: 36)
        for offset in 0..<digits.count {
            if [8, 12, 16, 20].contains(offset) { text.append(UInt8(ascii: "-")) }
            text.append(digits[offset])
        }
        return text.secret()
    }

    /// Draws again where the first sign is `-`, which a command would take for an option.
    private static func base64url(
        _ byteCount: Int,
        _ random: inout some RandomNumberGenerator
    ) -> Secret {
        while true {
            let text = base64url(bytes(byteCount, &random))
            if text[0] != UInt8(ascii: "-") { return text.secret() }
        }
    }

    private static func base64url(_ bytes: ErasableBytes) -> ErasableBytes {
        let text = ErasableBytes(capacity: (bytes.count * 4 + 2) / 3)
        var (buffer, bitCount): (UInt32, UInt32) = (0, 0)
        for offset in 0..<bytes.count {
            buffer = (buffer << 8 | UInt32(bytes[offset])) & 0xFFFF
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(base64urlAlphabet[Int(buffer >> bitCount & 63)])
            }
        }
        if bitCount > 0 { text.append(base64urlAlphabet[Int(buffer << (6 - bitCount) & 63)]) }
        return text
    }

    private static let base64urlAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )
}

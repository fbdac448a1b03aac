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
        var classOf = [CharacterClass?](repeating: nil, count: 128)
        for kind in classes {
            for byte in kind.characters.utf8 { classOf[Int(byte)] = kind }
        }
        let alphabet = (0..<128).filter { classOf[Int($0)] != nil }.map(UInt8.init)
        var draws = Draws(count: alphabet.count)
        while true {
            let value = ErasableBytes(capacity: length)
            var seen: Set<CharacterClass> = []
            for _ in 0..<length {
                let byte = alphabet[draws.next(&random)]
                value.append(byte)
                if let kind = classOf[Int(byte)] { seen.insert(kind) }
            }
            if seen == classes, classOf[Int(value[0])] != .signs { return value.secret() }
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

/// Numbers below `count`, each as likely as any other, several from one random word: the system is
/// asked for every word.
private struct Draws {
    let count: Int
    private var word: UInt64 = 0
    private var bytesLeft = 0

    init(count: Int) {
        precondition((1...256).contains(count), "A byte tells 256 numbers apart.")
        self.count = count
    }

    mutating func next(_ random: inout some RandomNumberGenerator) -> Int {
        // Beyond the last whole multiple the lower numbers would be likelier.
        let limit = 256 - 256 % count
        while true {
            if bytesLeft == 0 { (word, bytesLeft) = (random.next(), 8) }
            let byte = Int(word & 0xFF)
            word >>= 8
            bytesLeft -= 1
            if byte < limit { return byte % count }
        }
    }
}

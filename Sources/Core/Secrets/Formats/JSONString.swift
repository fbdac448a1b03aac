/// The text of a JSON string, RFC 8259 §7, without its quotes.
enum JSONString {
    private static let shortEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09,
    ]

    static func decode(
        _ bytes: ErasableBytes,
        _ range: Range<Int>
    ) throws(FormatFault) -> ErasableBytes {
        let value = ErasableBytes(capacity: range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard bytes[offset] == ASCII.backslash else {
                value.append(bytes[offset])
                offset += 1
                continue
            }
            guard offset + 1 < range.upperBound else { throw FormatFault(.malformed, at: offset) }
            if bytes[offset + 1] == UInt8(ascii: "u") {
                let (scalar, length) = try scalar(in: bytes, at: offset, before: range.upperBound)
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    value.append(byte)
                }
                offset += length
            } else {
                guard let byte = shortEscapes[bytes[offset + 1]] else {
                    throw FormatFault(.malformed, at: offset)
                }
                value.append(byte)
                offset += 2
            }
        }
        return value
    }

    static func encode(_ value: ErasableBytes) throws(FormatFault) -> ErasableBytes {
        guard value.isText else { throw FormatFault(.notRepresentable) }
        let result = ErasableBytes(capacity: 6 * value.count)
        for offset in 0..<value.count {
            let byte = value[offset]
            if byte == ASCII.doubleQuote || byte == ASCII.backslash {
                result.append(ASCII.backslash)
                result.append(byte)
            } else if byte < 0x20 {
                for escape in "\\u00".utf8 { result.append(escape) }
                result.append(byte.hexDigits.high)
                result.append(byte.hexDigits.low)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// Reads `\u` and four digits, or a pair of them for a character beyond the first 65,536.
    private static func scalar(
        in bytes: ErasableBytes,
        at offset: Int,
        before end: Int
    ) throws(FormatFault) -> (Unicode.Scalar, length: Int) {
        let first = try unit(in: bytes, at: offset, before: end, from: offset)
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        let second = try unit(in: bytes, at: offset + 6, before: end, from: offset)
        guard (0xD800...0xDBFF).contains(first), (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar((first - 0xD800) << 10 + (second - 0xDC00) + 0x10000)
        else { throw FormatFault(.malformed, at: offset) }
        return (scalar, 12)
    }

    private static func unit(
        in bytes: ErasableBytes,
        at offset: Int,
        before end: Int,
        from start: Int
    ) throws(FormatFault) -> UInt32 {
        guard offset + 6 <= end, bytes[offset] == ASCII.backslash,
            bytes[offset + 1] == UInt8(ascii: "u")
        else { throw FormatFault(.malformed, at: start) }
        var unit: UInt32 = 0
        for place in (offset + 2)..<(offset + 6) {
            guard let digit = bytes[place].hexValue else {
                throw FormatFault(.malformed, at: start)
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}

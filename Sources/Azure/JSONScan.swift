import RekeyCore

/// A place in JSON bytes (RFC 8259) that it walks over without copying them.
///
/// It finds where values begin and end. Whether numbers and literals are well spelt is left to
/// whoever decodes them.
struct JSONScan {
    /// Deeper documents are refused; `JSONDecoder`'s own limit is 512.
    static let depthLimit = 64

    private var offset = 0

    /// Where the contents of the object's strings of this name lie, without their quotes.
    ///
    /// nil where the bytes are no JSON object.
    mutating func topLevelStrings(named field: String, in span: RawSpan) -> [Range<Int>]? {
        let wanted = Array(field.utf8)
        var found: [Range<Int>] = []
        guard take(UInt8(ascii: "{"), in: span) else { return nil }
        if take(UInt8(ascii: "}"), in: span) { return isAtEnd(in: span) ? found : nil }
        while true {
            guard let name = string(in: span), take(UInt8(ascii: ":"), in: span) else { return nil }
            let isWanted =
                name.count == wanted.count
                && name.enumerated().allSatisfy { span[byteAt: $1] == wanted[$0] }
            if isWanted, peek(in: span) == UInt8(ascii: "\"") {
                guard let range = string(in: span) else { return nil }
                found.append(range)
            } else {
                guard skipValue(in: span) else { return nil }
            }
            if take(UInt8(ascii: ","), in: span) { continue }
            return take(UInt8(ascii: "}"), in: span) && isAtEnd(in: span) ? found : nil
        }
    }

    /// The next byte that is no white space.
    private mutating func peek(in span: RawSpan) -> UInt8? {
        while offset < span.byteCount {
            switch span[byteAt: offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8, in span: RawSpan) -> Bool {
        guard peek(in: span) == byte else { return false }
        offset += 1
        return true
    }

    private mutating func isAtEnd(in span: RawSpan) -> Bool { peek(in: span) == nil }

    /// The contents of the string that begins here.
    private mutating func string(in span: RawSpan) -> Range<Int>? {
        guard take(UInt8(ascii: "\""), in: span) else { return nil }
        let start = offset
        while offset < span.byteCount {
            let byte = span[byteAt: offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return start..<(offset - 1) }
            if byte == UInt8(ascii: "\\") { offset += 1 }
        }
        return nil
    }

    /// Passes over one value, whatever is in it.
    private mutating func skipValue(in span: RawSpan) -> Bool {
        var depth = 0
        repeat {
            switch peek(in: span) {
            case UInt8(ascii: "\""):
                guard string(in: span) != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
                guard depth <= Self.depthLimit else { return false }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return false }
                depth -= 1
                offset += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return false }
                offset += 1
            case .some: skipLiteral(in: span)
            case nil: return false
            }
        } while depth > 0
        return true
    }

    private mutating func skipLiteral(in span: RawSpan) {
        while offset < span.byteCount {
            switch span[byteAt: offset] {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""),
                UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"):
                return
            default: offset += 1
            }
        }
    }
}

extension JSONScan {
    /// The string's bytes with its escapes resolved; nil where one of them is none.
    static func unescaped(_ range: Range<Int>, in span: RawSpan) -> Secret? {
        let bytes = ErasingBytes(capacity: range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let byte = span[byteAt: offset]
            offset += 1
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard offset < range.upperBound else { return nil }
            let escape = span[byteAt: offset]
            offset += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(at: &offset, before: range.upperBound, in: span)
                else { return nil }
                for byte in UTF8.encode(scalar).map(Array.init) ?? [] { bytes.append(byte) }
            default: return nil
            }
        }
        return bytes.secret
    }

    /// The scalar whose `\u` ends at `offset`, with its second half where it is a surrogate.
    private static func scalar(
        at offset: inout Int,
        before end: Int,
        in span: RawSpan
    ) -> Unicode.Scalar? {
        guard let first = unit(at: &offset, before: end, in: span) else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard offset + 2 <= end, span[byteAt: offset] == UInt8(ascii: "\\"),
            span[byteAt: offset + 1] == UInt8(ascii: "u")
        else { return nil }
        offset += 2
        guard let second = unit(at: &offset, before: end, in: span),
            UTF16.isTrailSurrogate(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    }

    /// Four hexadecimal digits.
    private static func unit(at offset: inout Int, before end: Int, in span: RawSpan) -> UInt16? {
        guard offset + 4 <= end else { return nil }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(span[byteAt: offset])).hexDigitValue
            else { return nil }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}

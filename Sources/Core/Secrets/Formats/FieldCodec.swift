/// How a value is written in a field: its quotes and escapes.
enum FieldCodec {
    /// ADO.NET: alone, or in one of two quotes that are doubled within. The range includes them.
    case adoNet(quote: UInt8?)
    /// ODBC and SQL Server's JDBC: alone, or in braces with `}` doubled. The range includes them.
    case braces(isBraced: Bool)
    /// As it is, up to a terminator that no escape allows within.
    case plain(terminator: UInt8)
    /// RFC 3986 §2.1; the parameters of JDBC also write a space as `+`.
    case percent(plusIsSpace: Bool)
    /// RFC 8259 §7, without the quotes.
    case jsonString

    func decode(
        _ bytes: ErasableBytes,
        _ range: Range<Int>
    ) throws(FormatFault) -> ErasableBytes {
        switch self {
        case .adoNet(let quote?): unquoted(bytes, range, doubled: quote)
        case .braces(isBraced: true): unquoted(bytes, range, doubled: ASCII.closeBrace)
        case .adoNet(nil), .braces(isBraced: false), .plain: copy(bytes, range)
        case .percent(let plusIsSpace): try percentDecoded(bytes, range, plusIsSpace)
        case .jsonString: try JSONString.decode(bytes, range)
        }
    }

    func encode(_ value: ErasableBytes) throws(FormatFault) -> ErasableBytes {
        switch self {
        case .adoNet(let quote): try quoted(value, by: quote)
        case .braces(let isBraced): try braced(value, always: isBraced)
        case .plain(let terminator): try plain(value, terminator)
        case .percent: percentEncoded(value)
        case .jsonString: try JSONString.encode(value)
        }
    }

    private func copy(_ bytes: ErasableBytes, _ range: Range<Int>) -> ErasableBytes {
        let value = ErasableBytes(capacity: range.count)
        value.append(bytes, range)
        return value
    }

    private func unquoted(
        _ bytes: ErasableBytes,
        _ range: Range<Int>,
        doubled: UInt8
    ) -> ErasableBytes {
        let value = ErasableBytes(capacity: range.count)
        var offset = range.lowerBound + 1
        while offset < range.upperBound - 1 {
            value.append(bytes[offset])
            offset += bytes[offset] == doubled ? 2 : 1
        }
        return value
    }

    /// As `DbConnectionStringBuilder.AppendKeyValuePair` does, but it keeps quotes once there.
    private func quoted(
        _ value: ErasableBytes,
        by present: UInt8?
    ) throws(FormatFault) -> ErasableBytes {
        guard !value.contains(where: { $0 == 0 }) else { throw FormatFault(.notRepresentable) }
        let hasDouble = value.contains { $0 == ASCII.doubleQuote }
        let hasSingle = value.contains { $0 == ASCII.singleQuote }
        let needsQuotes =
            hasDouble || hasSingle
            || value.contains {
                $0 == ASCII.equals || $0 == ASCII.semicolon || $0.isSpace || $0.isControl
                    || $0 >= 0x80
            }
        guard present != nil || needsQuotes else { return copy(value, 0..<value.count) }
        let quote =
            present ?? (hasDouble && !hasSingle ? ASCII.singleQuote : ASCII.doubleQuote)
        return enclosed(value, from: quote, to: quote)
    }

    private func braced(
        _ value: ErasableBytes,
        always: Bool
    ) throws(FormatFault) -> ErasableBytes {
        guard !value.contains(where: { $0 == 0 }) else { throw FormatFault(.notRepresentable) }
        let isPlain = !value.contains { !($0.isUnreserved || $0 >= 0x80) }
        guard always || !isPlain else { return copy(value, 0..<value.count) }
        return enclosed(value, from: ASCII.openBrace, to: ASCII.closeBrace)
    }

    private func enclosed(_ value: ErasableBytes, from: UInt8, to: UInt8) -> ErasableBytes {
        let result = ErasableBytes(capacity: 2 * value.count + 2)
        result.append(from)
        for offset in 0..<value.count {
            result.append(value[offset])
            if value[offset] == to { result.append(to) }
        }
        result.append(to)
        return result
    }

    private func plain(
        _ value: ErasableBytes,
        _ terminator: UInt8
    ) throws(FormatFault) -> ErasableBytes {
        let isTrimmed = value.count > 0 && !value[0].isSpace && !value[value.count - 1].isSpace
        guard isTrimmed, !value.contains(where: { $0 == terminator || $0.isControl }) else {
            throw FormatFault(.notRepresentable)
        }
        return copy(value, 0..<value.count)
    }
}

private func percentDecoded(
    _ bytes: ErasableBytes,
    _ range: Range<Int>,
    _ plusIsSpace: Bool
) throws(FormatFault) -> ErasableBytes {
    let value = ErasableBytes(capacity: range.count)
    var offset = range.lowerBound
    while offset < range.upperBound {
        let byte = bytes[offset]
        guard byte == ASCII.percent else {
            value.append(plusIsSpace && byte == ASCII.plus ? ASCII.space : byte)
            offset += 1
            continue
        }
        guard offset + 2 < range.upperBound, let high = bytes[offset + 1].hexValue,
            let low = bytes[offset + 2].hexValue
        else { throw FormatFault(.malformed, at: offset) }
        value.append(high << 4 | low)
        offset += 3
    }
    return value
}

private func percentEncoded(_ value: ErasableBytes) -> ErasableBytes {
    let result = ErasableBytes(capacity: 3 * value.count)
    for offset in 0..<value.count {
        let byte = value[offset]
        if byte.isUnreserved {
            result.append(byte)
        } else {
            result.append(ASCII.percent)
            result.append(byte.hexDigits.high)
            result.append(byte.hexDigits.low)
        }
    }
    return result
}

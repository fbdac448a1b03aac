/// Strings of StackExchange.Redis: hosts and `option=value`, separated by commas, no escapes.
///
/// Source: `ConfigurationOptions.DoParse` of StackExchange.Redis, which trims and compares
/// without regard to case.
enum CommaOptions {
    static func fields(in bytes: ErasableBytes) throws(FormatFault) -> CredentialFields {
        var fields: [KeyedField] = []
        var start = 0
        while start <= bytes.count {
            var end = start
            while let byte = bytes.byte(at: end), byte != ASCII.comma { end += 1 }
            if let field = try option(bytes, start..<end) { fields.append(field) }
            start = end + 1
        }
        return try CredentialFields(
            among: fields,
            secretKeys: ["password"],
            accountKeys: ["user"]
        )
    }

    private static func option(
        _ bytes: ErasableBytes,
        _ range: Range<Int>
    ) throws(FormatFault) -> KeyedField? {
        guard let equals = range.first(where: { bytes[$0] == ASCII.equals }) else { return nil }
        let name = ErasableBytes(capacity: equals - range.lowerBound)
        for offset in range.lowerBound..<equals where !bytes[offset].isSpace {
            name.append(bytes[offset])
        }
        guard let key = name.text() else { throw FormatFault(.notText, at: range.lowerBound) }
        var start = equals + 1
        var end = range.upperBound
        while start < end, bytes[start].isSpace { start += 1 }
        while end > start, bytes[end - 1].isSpace { end -= 1 }
        return KeyedField(
            key: key.lowercased(),
            keyOffset: range.lowerBound,
            field: Field(range: start..<end, codec: .plain(terminator: ASCII.comma))
        )
    }
}

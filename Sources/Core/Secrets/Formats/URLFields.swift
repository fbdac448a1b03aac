/// The user information and the query of a URL, RFC 3986, from `start` on.
struct URLFields {
    let bytes: ErasableBytes
    /// Where the scheme begins.
    let start: Int
    /// JDBC drivers decode parameters as forms do, where `+` is a space.
    let plusIsSpace: Bool

    func fields() throws(FormatFault) -> CredentialFields {
        let authority = try authority()
        let query = try query(after: authority.upperBound)
        let secretInQuery = try query.only(["password"])
        let accountInQuery = try query.only(["user"])
        guard let user = try userInformation(in: authority) else {
            guard let secretInQuery else { throw FormatFault(.noSecretField) }
            return CredentialFields(secret: secretInQuery, account: accountInQuery)
        }
        if let twice = secretInQuery ?? accountInQuery {
            throw FormatFault(.duplicateField, at: twice.range.lowerBound)
        }
        return user
    }

    private func authority() throws(FormatFault) -> Range<Int> {
        var offset = start
        while let byte = bytes.byte(at: offset),
            byte.isLetter || byte.isDigit || byte == ASCII.plus || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".") || (start > 0 && byte == ASCII.colon)
        {
            // `jdbc:vendor:mode://` has several schemes in a row.
            if byte == ASCII.colon, bytes.byte(at: offset + 1) == ASCII.slash { break }
            offset += 1
        }
        guard offset > start, bytes.byte(at: offset) == ASCII.colon,
            bytes.byte(at: offset + 1) == ASCII.slash, bytes.byte(at: offset + 2) == ASCII.slash
        else { throw FormatFault(.malformed, at: offset) }
        let begin = offset + 3
        return begin..<first(from: begin, [ASCII.slash, ASCII.question, ASCII.hash])
    }

    /// Reads `user:secret@`.
    ///
    /// An `@` within has to be written as `%40`: readers disagree about a bare one.
    private func userInformation(in authority: Range<Int>) throws(FormatFault) -> CredentialFields?
    {
        let signs = authority.filter { bytes[$0] == ASCII.at }
        guard let at = signs.first else { return nil }
        guard signs.count == 1 else { throw FormatFault(.malformed, at: signs[1]) }
        let codec = FieldCodec.percent(plusIsSpace: false)
        let range = authority.lowerBound..<at
        guard let colon = range.first(where: { bytes[$0] == ASCII.colon }) else {
            throw FormatFault(.noSecretField, at: at)
        }
        return CredentialFields(
            secret: Field(range: (colon + 1)..<at, codec: codec),
            account: Field(range: range.lowerBound..<colon, codec: codec)
        )
    }

    private func query(after offset: Int) throws(FormatFault) -> [KeyedField] {
        let mark = first(from: offset, [ASCII.question, ASCII.hash])
        guard bytes.byte(at: mark) == ASCII.question else { return [] }
        let end = first(from: mark + 1, [ASCII.hash])
        var fields: [KeyedField] = []
        var place = mark + 1
        while place < end {
            let next = first(from: place, [ASCII.ampersand], before: end)
            let equals = first(from: place, [ASCII.equals], before: next)
            let name = ErasableBytes(capacity: equals - place)
            name.append(bytes, place..<equals)
            guard let key = name.text() else { throw FormatFault(.notText, at: place) }
            let codec = FieldCodec.percent(plusIsSpace: plusIsSpace)
            let field = Field(range: min(equals + 1, next)..<next, codec: codec)
            fields.append(KeyedField(key: key, keyOffset: place, field: field))
            place = next + 1
        }
        return fields
    }

    /// Looks no further than `end`: a query of many names would else be read again for each.
    private func first(from start: Int, _ wanted: [UInt8], before end: Int = .max) -> Int {
        var offset = start
        while offset < end, let byte = bytes.byte(at: offset), !wanted.contains(byte) {
            offset += 1
        }
        return offset
    }
}

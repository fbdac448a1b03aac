/// A place in a document, and how a value is written there.
struct Field {
    let range: Range<Int>
    let codec: FieldCodec

    func value(in document: ErasableBytes) throws(FormatFault) -> ErasableBytes {
        try codec.decode(document, range)
    }
}

/// Where a document holds a credential.
struct CredentialFields {
    let secret: Field
    let account: Field?
}

/// A field with the key it was found under, in lower case and without spaces.
struct KeyedField {
    let key: String
    let keyOffset: Int
    let field: Field
}

extension CredentialFields {
    /// Chooses among a document's fields.
    ///
    /// Two that would do are refused: readers disagree about
    /// which of them counts.
    init(
        among fields: [KeyedField],
        secretKeys: Set<String>,
        accountKeys: Set<String>
    ) throws(FormatFault) {
        guard let secret = try fields.only(secretKeys) else { throw FormatFault(.noSecretField) }
        self.init(secret: secret, account: try fields.only(accountKeys))
    }
}

extension [KeyedField] {
    /// The one field under any of `keys`.
    func only(_ keys: Set<String>) throws(FormatFault) -> Field? {
        let found = filter { keys.contains($0.key) }
        guard found.count <= 1 else { throw FormatFault(.duplicateField, at: found[1].keyOffset) }
        return found.first?.field
    }
}

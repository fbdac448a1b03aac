extension ValueFormat {
    /// The credential that `document` holds; the newest, where the form holds several.
    ///
    /// `account` is nil where the form or the document names none.
    package func credential(
        in document: Secret
    ) throws(ValueFormatFailure) -> (account: AccountID?, secret: Secret) {
        if self == .bare { return (nil, try nonEmpty(document)) }
        if holdsSeveral {
            guard let newest = try credentials(in: document).first else {
                throw failure(FormatFault(.emptySecret))
            }
            return (nil, newest)
        }
        let bytes = try bytes(of: document)
        do throws(FormatFault) {
            let fields = try fields(in: bytes)
            let secret = try fields.secret.value(in: bytes)
            guard secret.count > 0 else {
                throw FormatFault(.emptySecret, at: fields.secret.range.lowerBound)
            }
            return (try fields.account?.accountID(in: bytes), secret.secret())
        } catch {
            throw failure(error)
        }
    }

    /// The document with another credential in the place of its own, and every other byte kept.
    ///
    /// With `account` nil the account stays as it is. A form that has no place for an account
    /// (`namesAccount`) leaves it out; a document that lacks the field is refused. A form that
    /// holds several values holds only `secret` afterwards. The result has been read back.
    package func replacing(
        in document: Secret,
        account: AccountID?,
        secret: Secret
    ) throws(ValueFormatFailure) -> Secret {
        if self == .bare { return try nonEmpty(secret) }
        if holdsSeveral { return try replacing(in: document, secrets: [secret]) }
        _ = try nonEmpty(secret)
        let bytes = try bytes(of: document)
        let result: Secret
        do throws(FormatFault) {
            let fields = try fields(in: bytes)
            var edits = [(fields.secret, ErasableBytes(secret))]
            if let account, namesAccount {
                guard let field = fields.account else { throw FormatFault(.noAccountField) }
                edits.append((field, ErasableBytes(account.text)))
            }
            result = try spliced(bytes, edits)
        } catch {
            throw failure(error)
        }
        guard reads(result, as: secret, of: namesAccount ? account : nil) else {
            throw failure(FormatFault(.notRepresentable))
        }
        return result
    }

    /// Whether a reader of `document` finds what was meant to be written.
    private func reads(_ document: Secret, as secret: Secret, of account: AccountID?) -> Bool {
        do throws(ValueFormatFailure) {
            let written = try credential(in: document)
            return written.secret == secret && (account == nil || written.account == account)
        } catch {
            return false
        }
    }

    private func fields(in bytes: ErasableBytes) throws(FormatFault) -> CredentialFields {
        switch self {
        case .ado: return try ConnectionString.fields(in: bytes)
        case .jdbc: return try JDBCAddress.fields(in: bytes)
        case .url: return try URLFields(bytes: bytes, start: 0, plusIsSpace: false).fields()
        case .redis: return try CommaOptions.fields(in: bytes)
        case .json(let secret, let account):
            guard let field = try string(at: secret, in: bytes) else {
                throw FormatFault(.noSecretField)
            }
            guard let account else { return CredentialFields(secret: field, account: nil) }
            guard let name = try string(at: account, in: bytes) else {
                throw FormatFault(.noAccountField)
            }
            return CredentialFields(secret: field, account: name)
        case .bare, .list, .jsonList:
            preconditionFailure("This form has no fields.")
        }
    }

    private func string(at pointer: String, in bytes: ErasableBytes) throws(FormatFault) -> Field? {
        guard let pointer = JSONPointer(pointer) else { throw FormatFault(.noSecretField) }
        guard let range = try JSONScanner(bytes: bytes).locate(pointer) else { return nil }
        guard bytes[range.lowerBound] == ASCII.doubleQuote else {
            throw FormatFault(.notAString, at: range.lowerBound)
        }
        let inner = (range.lowerBound + 1)..<(range.upperBound - 1)
        return Field(range: inner, codec: .jsonString)
    }

    private func spliced(
        _ bytes: ErasableBytes,
        _ edits: [(field: Field, value: ErasableBytes)]
    ) throws(FormatFault) -> Secret {
        let result = ErasableBytes(capacity: bytes.count + Self.spareByteCount)
        var offset = 0
        for edit in edits.sorted(by: { $0.field.range.lowerBound < $1.field.range.lowerBound }) {
            let range = edit.field.range
            guard range.lowerBound >= offset else {
                throw FormatFault(.duplicateField, at: range.lowerBound)
            }
            result.append(bytes, offset..<range.lowerBound)
            if try edit.field.value(in: bytes).secret() == edit.value.secret() {
                // Written otherwise than we would, and still right: it stays as it is.
                result.append(bytes, range)
            } else {
                result.append(try edit.field.codec.encode(edit.value))
            }
            offset = range.upperBound
        }
        result.append(bytes, offset..<bytes.count)
        return result.secret()
    }

    /// Room for a longer value, so that the buffer seldom grows.
    private static let spareByteCount = 512

    func bytes(of document: Secret) throws(ValueFormatFailure) -> ErasableBytes {
        guard document.byteCount <= Self.documentByteLimit else {
            throw failure(FormatFault(.tooLong))
        }
        return ErasableBytes(document)
    }

    func failure(_ fault: FormatFault) -> ValueFormatFailure {
        ValueFormatFailure(form: name, problem: fault.problem, offset: fault.offset)
    }

    private func nonEmpty(_ secret: Secret) throws(ValueFormatFailure) -> Secret {
        guard secret.byteCount > 0 else { throw failure(FormatFault(.emptySecret)) }
        guard secret.byteCount <= Self.documentByteLimit else {
            throw failure(FormatFault(.tooLong))
        }
        return secret
    }
}

extension Field {
    /// The account's name; nil where the field is empty, as in `redis://:password@host`.
    fileprivate func accountID(in bytes: ErasableBytes) throws(FormatFault) -> AccountID? {
        guard let text = try value(in: bytes).text() else {
            throw FormatFault(.notText, at: range.lowerBound)
        }
        return text.isEmpty ? nil : AccountID(text)
    }
}

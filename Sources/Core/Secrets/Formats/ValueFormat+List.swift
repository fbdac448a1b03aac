extension ValueFormat {
    /// The values that a document in a list form holds, the newest first.
    package func credentials(in document: Secret) throws(ValueFormatFailure) -> [Secret] {
        let bytes = try bytes(of: document)
        do throws(FormatFault) {
            switch self {
            case .list(let separator): return values(bytes, separator.byte)
            case .jsonList(let pointer):
                let array = try array(at: pointer, in: bytes)
                var secrets: [Secret] = []
                for range in try JSONScanner(bytes: bytes).elements(of: array) {
                    guard bytes[range.lowerBound] == ASCII.doubleQuote else {
                        throw FormatFault(.notAString, at: range.lowerBound)
                    }
                    let inner = (range.lowerBound + 1)..<(range.upperBound - 1)
                    secrets.append(try JSONString.decode(bytes, inner).secret())
                }
                return secrets
            case .bare, .ado, .jdbc, .url, .redis, .json:
                throw FormatFault(.notRepresentable)
            }
        } catch {
            throw failure(error)
        }
    }

    /// The document with `secrets` as its list, the newest first, and every other byte kept.
    ///
    /// It is how a verifier accepts candidate and previous side by side (`CarrierContent.both`).
    package func replacing(
        in document: Secret,
        secrets: [Secret]
    ) throws(ValueFormatFailure) -> Secret {
        let result: Secret
        let bytes = try bytes(of: document)
        do throws(FormatFault) {
            guard !secrets.isEmpty, secrets.allSatisfy({ $0.byteCount > 0 }) else {
                throw FormatFault(.emptySecret)
            }
            switch self {
            case .list(let separator): result = try joined(secrets, separator.byte)
            case .jsonList(let pointer):
                let array = try array(at: pointer, in: bytes)
                result = try withArray(secrets, at: array, in: bytes)
            case .bare, .ado, .jdbc, .url, .redis, .json:
                throw FormatFault(.notRepresentable)
            }
        } catch {
            throw failure(error)
        }
        guard try credentials(in: result) == secrets else {
            throw failure(FormatFault(.notRepresentable))
        }
        return result
    }

    private func values(_ bytes: ErasableBytes, _ separator: UInt8) -> [Secret] {
        var secrets: [Secret] = []
        var start = 0
        while start < bytes.count {
            var end = start
            while let byte = bytes.byte(at: end), byte != separator { end += 1 }
            var (first, last) = (start, end)
            while first < last, bytes[first].isSpace { first += 1 }
            while last > first, bytes[last - 1].isSpace { last -= 1 }
            if first < last {
                let value = ErasableBytes(capacity: last - first)
                value.append(bytes, first..<last)
                secrets.append(value.secret())
            }
            start = end + 1
        }
        return secrets
    }

    private func joined(_ secrets: [Secret], _ separator: UInt8) throws(FormatFault) -> Secret {
        let result = ErasableBytes()
        for (index, secret) in secrets.enumerated() {
            if index > 0 { result.append(separator) }
            let codec = FieldCodec.plain(terminator: separator)
            result.append(try codec.encode(ErasableBytes(secret)))
        }
        return result.secret()
    }

    private func array(
        at pointer: String,
        in bytes: ErasableBytes
    ) throws(FormatFault) -> Range<Int> {
        guard let pointer = JSONPointer(pointer),
            let range = try JSONScanner(bytes: bytes).locate(pointer)
        else { throw FormatFault(.noSecretField) }
        guard bytes[range.lowerBound] == ASCII.openBracket else {
            throw FormatFault(.malformed, at: range.lowerBound)
        }
        return range
    }

    private func withArray(
        _ secrets: [Secret],
        at range: Range<Int>,
        in bytes: ErasableBytes
    ) throws(FormatFault) -> Secret {
        let result = ErasableBytes(capacity: bytes.count)
        result.append(bytes, 0..<range.lowerBound)
        result.append(ASCII.openBracket)
        for (index, secret) in secrets.enumerated() {
            if index > 0 { result.append(ASCII.comma) }
            result.append(ASCII.doubleQuote)
            result.append(try JSONString.encode(ErasableBytes(secret)))
            result.append(ASCII.doubleQuote)
        }
        result.append(ASCII.closeBracket)
        result.append(bytes, range.upperBound..<bytes.count)
        return result.secret()
    }
}

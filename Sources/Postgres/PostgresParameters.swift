import CPostgres

/// Parameters in the form in which libpq takes them.
@safe struct PostgresParameters {
    private let values: [[UInt8]?]
    private let lengths: [Int32]
    private let formats: [Int32]

    init(_ parameters: [PostgresValue]) {
        // The null ends a text; the length, which libpq reads for binary only, ends bytes.
        values = parameters.map { value in value.encoded.map { $0 + [0] } }
        lengths = values.map { Int32(max(0, ($0?.count ?? 1) - 1)) }
        formats = parameters.map { $0.isBinary ? 1 : 0 }
    }

    /// Lends the count, the values, the lengths and the formats.
    func withPointers<Result>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        let copies = unsafe values.map { bytes -> UnsafeMutablePointer<CChar>? in
            guard let bytes else { return nil }
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
            _ = unsafe copy.update(fromContentsOf: bytes)
            let start = UnsafeMutableRawPointer(copy.baseAddress)
            return unsafe start?.assumingMemoryBound(to: CChar.self)
        }
        defer { unsafe copies.forEach { unsafe $0?.deallocate() } }
        return unsafe body(
            Int32(values.count),
            copies.map { unsafe UnsafePointer($0) },
            lengths,
            formats
        )
    }
}

extension PostgresCall {
    /// Hands the call to libpq, and returns false where the connection is lost.
    func send(on connection: OpaquePointer) -> Bool {
        unsafe PostgresParameters(parameters).withPointers { count, values, lengths, formats in
            unsafe PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
        } == 1
    }
}

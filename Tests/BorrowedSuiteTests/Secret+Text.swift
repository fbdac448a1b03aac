import RekeyCore

extension Secret {
    /// A value whose text a test may write down.
    init(_ text: String) { self.init(copying: Array(text.utf8)) }

    /// The value as text, for a test that compares it.
    var text: String {
        let bytes = reveal { span in
            (0..<byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

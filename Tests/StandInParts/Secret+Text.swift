package import RekeyCore

extension Secret {
    /// The bytes of a value that a test may know.
    package var bytes: [UInt8] {
        reveal { span in
            (0..<byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    /// The value as text, for a test that compares it.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

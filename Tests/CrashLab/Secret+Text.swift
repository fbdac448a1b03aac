package import RekeyCore

extension Secret {
    /// The value as a text, of a secret that a test made.
    package var text: String {
        reveal { span in
            let bytes = (0..<span.byteCount).map {
                unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

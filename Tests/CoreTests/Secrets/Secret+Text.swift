import RekeyCore

extension Secret {
    /// A secret for a test, whose value is no secret.
    init(_ text: String) { self.init(copying: Array(text.utf8)) }

    /// What a test may look at.
    var bytes: [UInt8] {
        reveal { span in
            (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

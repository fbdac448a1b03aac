import RekeyCore

extension Secret {
    /// A secret with the bytes of `text`, which only a test may know.
    init(text: String) { self.init(copying: text.utf8) }

    var bytes: [UInt8] {
        reveal { span in
            span.byteOffsets.map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

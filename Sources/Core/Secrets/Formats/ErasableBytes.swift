import Glibc

/// Bytes of a secret on their way from one form to another, erased when they go.
///
/// It never leaves the function that made it, so it is not Sendable.
final class ErasableBytes {
    private static let smallestCapacity = 64

    private var bytes: [UInt8] = []

    init(capacity: Int = ErasableBytes.smallestCapacity) {
        bytes.reserveCapacity(capacity)
    }

    init(_ secret: Secret) {
        bytes.reserveCapacity(secret.byteCount)
        secret.reveal { span in
            for offset in 0..<span.byteCount {
                bytes.append(unsafe span.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
        }
    }

    init(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    deinit { erase() }

    var count: Int { bytes.count }

    subscript(offset: Int) -> UInt8 { bytes[offset] }

    /// The byte at `offset`, or nil beyond the end.
    func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func append(_ byte: UInt8) {
        // Growth by Array itself would leave the old bytes behind.
        if bytes.count == bytes.capacity { grow() }
        bytes.append(byte)
    }

    func append(_ other: ErasableBytes, _ range: Range<Int>) {
        for offset in range { append(other[offset]) }
    }

    func append(_ other: ErasableBytes) { append(other, 0..<other.count) }

    func contains(where isWanted: (UInt8) -> Bool) -> Bool { bytes.contains(where: isWanted) }

    func equals(_ text: some Collection<UInt8>) -> Bool { bytes.elementsEqual(text) }

    /// The text, for what is no secret, such as an account's name; nil where it is not UTF-8.
    func text() -> String? { String(validating: bytes, as: UTF8.self) }

    /// Whether the bytes are UTF-8, told without a copy of them.
    var isText: Bool {
        var parser = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }

    func secret() -> Secret { Secret(copying: bytes) }

    private func grow() {
        var larger: [UInt8] = []
        larger.reserveCapacity(max(Self.smallestCapacity, 2 * bytes.capacity))
        larger.append(contentsOf: bytes)
        erase()
        bytes = larger
    }

    private func erase() {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        }
    }
}

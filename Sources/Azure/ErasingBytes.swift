import Glibc
package import RekeyCore

/// A request body in the making, whose own memory is erased when it is dropped.
///
/// It is given its whole capacity at the start, since an array that grows leaves its old buffer
/// behind. What is appended from a `String` has other copies that nobody erases.
package final class ErasingBytes {
    private var bytes: [UInt8] = []

    /// `capacity` is what everything together will take at most, in bytes.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    deinit {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe explicit_bzero(start, buffer.count)
        }
    }

    package var secret: Secret { Secret(copying: bytes) }

    package func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    package func append(_ byte: UInt8) {
        bytes.append(byte)
    }
}

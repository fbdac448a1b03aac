import Glibc
package import RekeyCore

/// Bytes from the kernel's generator, fit for secrets, nonces and ids.
package enum RandomBytes {
    package static func array(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
        return bytes
    }

    package static func secret(byteCount: Int) -> Secret {
        var bytes = array(count: byteCount)
        defer {
            unsafe bytes.withUnsafeMutableBytes { bytes in
                if let start = bytes.baseAddress {
                    unsafe explicit_bzero(start, bytes.count)
                }
            }
        }
        return Secret(copying: bytes)
    }

    /// getentropy(3): more in one call is an error.
    private static let byteCountOfOneCall = 256

    private static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < bytes.count {
            let count = min(byteCountOfOneCall, bytes.count - filled)
            let code = unsafe getentropy(bytes.baseAddress?.advanced(by: filled), count)
            precondition(code == 0, "The kernel gives no random bytes.")
            filled += count
        }
    }
}

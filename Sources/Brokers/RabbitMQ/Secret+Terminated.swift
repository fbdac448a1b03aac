import Glibc
import RekeyCore

extension Secret {
    /// Lends a null-terminated copy to `body`, and erases it afterwards.
    ///
    /// The library keeps copies of its own until the connection is closed, which nobody erases.
    func revealTerminated<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let count = byteCount
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: count + 1)
        unsafe copy.initialize(repeating: 0)
        defer {
            if let start = copy.baseAddress { unsafe explicit_bzero(start, count + 1) }
            unsafe copy.deallocate()
        }
        reveal { bytes in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(copy).copyBytes(from: source)
            }
        }
        guard let start = copy.baseAddress else { preconditionFailure("One byte at least.") }
        return unsafe body(UnsafePointer(start))
    }
}

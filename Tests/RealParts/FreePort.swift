import Glibc
import Synchronization

/// Picks TCP ports of 127.0.0.1 that nobody listens on.
///
/// They lie below Linux's ephemeral range (32768 on), so an outgoing connection cannot take one
/// between the choice and its use; the same one is never given twice to one process.
package enum FreePort {
    private static let range = 20_000..<32_000
    private static let attemptLimit = 200
    private static let given = Mutex<Set<Int>>([])

    package static func next() throws -> Int {
        for _ in 0..<attemptLimit {
            let port = Int.random(in: range)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if canListen(port) { return port }
        }
        throw PartFailure("no free port in \(range) after \(attemptLimit) attempts")
    }

    /// Says whether somebody accepts connections on `port` of 127.0.0.1.
    package static func isOpen(_ port: Int) -> Bool {
        unsafe withSocket(port) { unsafe connect($0, $1, $2) == 0 }
    }

    /// Binds without listening: a child being spawned meanwhile would hold a listening copy.
    private static func canListen(_ port: Int) -> Bool {
        unsafe withSocket(port) { unsafe bind($0, $1, $2) == 0 }
    }

    private static func withSocket(
        _ port: Int,
        _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

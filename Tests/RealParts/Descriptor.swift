import Glibc

/// A file descriptor of ours, closed on exec and when dropped.
final class Descriptor: Sendable {
    /// Above what a child may hold, so that `dup2` in the child never overwrites a source.
    private static let lowest: Int32 = 10

    let number: Int32

    init(opening path: String, writing: Bool) throws {
        let flags = writing ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY
        let raw = unsafe open(path, flags | O_CLOEXEC, 0o600)
        number = try Self.raised(raw, "open \(path)")
    }

    private init(number: Int32) { self.number = number }

    deinit { close(number) }

    /// Two ends of one stream; a peer that is gone gives EPIPE and no signal when `send` is used.
    static func pair() throws -> (ours: Descriptor, theirs: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw PartFailure("socketpair: errno \(errno)")
        }
        return (
            Descriptor(number: try raised(ends[0], "socketpair")),
            Descriptor(number: try raised(ends[1], "socketpair"))
        )
    }

    /// Sends all of `bytes`; a peer that is gone is an error.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw PartFailure("send: errno \(errno)") }
            sent += count
        }
    }

    private static func raised(_ raw: Int32, _ call: String) throws -> Int32 {
        guard raw >= 0 else { throw PartFailure("\(call): errno \(errno)") }
        guard raw < lowest else { return raw }
        defer { close(raw) }
        let high = fcntl(raw, F_DUPFD_CLOEXEC, lowest)
        guard high >= 0 else { throw PartFailure("fcntl F_DUPFD_CLOEXEC: errno \(errno)") }
        return high
    }
}

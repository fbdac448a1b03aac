import Glibc
import RealParts

/// A TCP socket of the proxy, closed when dropped.
final class ProxySocket: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Listens on a free port of 127.0.0.1, which another process may take in between.
    static func listen() throws -> (socket: ProxySocket, port: Int) {
        for _ in 0..<attemptLimit {
            let listener = ProxySocket(socket(AF_INET, type, 0))
            let port = try FreePort.next()
            let isListening = unsafe withAddress(port) {
                unsafe bind(listener.number, $0, $1) == 0 && Glibc.listen(listener.number, 64) == 0
            }
            if isListening { return (listener, port) }
        }
        throw PartFailure("the proxy cannot listen: errno \(errno)")
    }

    /// Nil where nobody listens there.
    static func connect(_ port: Int) -> ProxySocket? {
        let made = ProxySocket(socket(AF_INET, type, 0))
        let isConnected = unsafe withAddress(port) {
            unsafe Glibc.connect(made.number, $0, $1) == 0
        }
        return isConnected ? made.prompt() : nil
    }

    func accept() -> ProxySocket? {
        let client = Glibc.accept(number, nil, nil)
        return client < 0 ? nil : ProxySocket(client).prompt()
    }

    /// What has arrived; nil at the end.
    func receive() -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.readCount) { buffer, count in
            count = unsafe max(recv(number, buffer.baseAddress, Self.readCount, 0), 0)
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Sends all of it, or as much as the other end takes before it is gone.
    func send(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let size = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            guard size > 0 else { return }
            rest = rest.dropFirst(size)
        }
    }

    /// The other end reads an end of file once it has read everything.
    func finish() { shutdown(number, Int32(SHUT_WR)) }

    /// When this is closed the other end gets a reset.
    func resetAtClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &now, size)
    }

    private func prompt() -> ProxySocket {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        return self
    }

    private static let attemptLimit = 20
    private static let readCount = 65_536
    private static let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func withAddress<Result>(
        _ port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

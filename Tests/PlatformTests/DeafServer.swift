import Glibc

/// A listener whose queue of connections is full, so that the next one is not even accepted.
final class DeafServer: Sendable {
    private let listener: ServerSocket
    private let waiting: [ServerSocket]
    private let port: UInt16

    init() throws {
        (listener, port) = try LoopbackServer.listen(backlog: 0)
        var address = LoopbackServer.loopbackAddress(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        waiting = (0..<4).map { _ in
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let socket = ServerSocket(socket(AF_INET, type, 0))
            _ = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(socket.descriptor, $0, length)
                }
            }
            return socket
        }
    }

    var url: String { "http://127.0.0.1:\(port)/" }
}

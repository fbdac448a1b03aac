import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server on a free loopback port, whose replies and faults a test chooses.
///
/// Each connection has a thread, and all of them end with `stop`.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        /// Counts from 0.
        let connection: Int
        let line: String
        let headerLines: [String]
        let body: [UInt8]

        func header(_ name: String) -> String? {
            let prefix = name.lowercased() + ": "
            return headerLines.first { $0.lowercased().hasPrefix(prefix) }
                .map { String($0.dropFirst(prefix.count)) }
        }
    }

    enum Reply: Sendable {
        case status(String, headers: [String] = [], body: [UInt8] = [])
        /// The bytes as they are.
        case raw(String)
        /// Reads on and never answers.
        case silence
        /// Closes with a TCP reset, or without.
        case reset
        case hangUp
    }

    private struct State {
        var requests: [Request] = []
        var sockets: [Int: ServerSocket] = [:]
        var connectionCount = 0
        var isStopped = false
    }

    let port: UInt16
    private let listener: ServerSocket
    private let state = Mutex(State())
    private let reply: @Sendable (Request) -> Reply

    init(reply: @escaping @Sendable (Request) -> Reply) throws {
        self.reply = reply
        (listener, port) = try Self.listen()
        Thread { [self] in accept() }.start()
    }

    var requests: [Request] { state.withLock(\.requests) }
    var connectionCount: Int { state.withLock(\.connectionCount) }
    var openConnectionCount: Int { state.withLock(\.sockets.count) }

    func url(_ target: String = "/") -> String { "http://127.0.0.1:\(port)\(target)" }

    func stop() {
        let sockets = state.withLock { state in
            state.isStopped = true
            return state.sockets.values
        }
        for socket in [listener] + sockets { shutdown(socket.descriptor, Int32(SHUT_RDWR)) }
    }

    /// A port that nobody listens on, because it was just given back.
    static func closedPort() throws -> UInt16 {
        try listen().port
    }

    static func loopbackAddress(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    static func listen(backlog: Int32 = 512) throws -> (listener: ServerSocket, port: UInt16) {
        let listener = ServerSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = loopbackAddress(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(listener.descriptor, address, length) == 0 else { return errno }
                guard Glibc.listen(listener.descriptor, backlog) == 0 else { return errno }
                return unsafe getsockname(listener.descriptor, address, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener.descriptor, nil, nil)
            guard descriptor >= 0 else { return }
            let socket = ServerSocket(descriptor)
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.connectionCount += 1
                state.sockets[state.connectionCount - 1] = socket
                return state.connectionCount - 1
            }
            guard let number else { return }
            let thread = Thread { [self] in
                serve(socket, number)
                _ = state.withLock { $0.sockets.removeValue(forKey: number) }
            }
            thread.stackSize = 256 * 1024
            thread.start()
        }
    }

    private func serve(_ socket: ServerSocket, _ number: Int) {
        var connection = ServedConnection(socket: socket, number: number)
        while let request = connection.nextRequest() {
            state.withLock { $0.requests.append(request) }
            switch reply(request) {
            case .status(let status, let headers, let body):
                let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
                let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
                guard connection.send(Array(head.utf8) + body) else { return }
            case .raw(let text):
                guard connection.send(Array(text.utf8)) else { return }
            case .silence:
                return connection.discardRest()
            case .reset:
                return connection.resetOnClose()
            case .hangUp:
                return
            }
        }
    }
}

/// A socket that is closed when nobody holds it, so that its number means no other until then.
final class ServerSocket: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

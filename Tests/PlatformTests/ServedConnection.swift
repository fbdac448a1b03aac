import Glibc

/// The server's end of one connection, read and written by its thread.
struct ServedConnection {
    let socket: ServerSocket
    let number: Int
    private var unread: [UInt8] = []

    init(socket: ServerSocket, number: Int) {
        self.socket = socket
        self.number = number
    }

    /// Reads one request, or returns `nil` when the client has gone.
    mutating func nextRequest() -> LoopbackServer.Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = unread.firstRange(of: end)
        while headEnd == nil {
            guard receive() else { return nil }
            headEnd = unread.firstRange(of: end)
        }
        guard let headEnd else { return nil }
        let head = String(decoding: unread[..<headEnd.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n").map(String.init)
        let length =
            lines.first { $0.lowercased().hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
        while unread.count - headEnd.upperBound < length {
            guard receive() else { return nil }
        }
        let bodyEnd = headEnd.upperBound + length
        let body = Array(unread[headEnd.upperBound..<bodyEnd])
        unread.removeFirst(bodyEnd)
        return LoopbackServer.Request(
            connection: number,
            line: lines.first ?? "",
            headerLines: Array(lines.dropFirst()),
            body: body
        )
    }

    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    socket.descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }

    mutating func discardRest() {
        while receive() { unread = [] }
    }

    /// Makes `close` send a reset instead of an orderly end.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        unsafe setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
    }

    private mutating func receive() -> Bool {
        var part = [UInt8](repeating: 0, count: 64 * 1024)
        let count = unsafe part.withUnsafeMutableBytes { bytes in
            unsafe recv(socket.descriptor, bytes.baseAddress, bytes.count, 0)
        }
        guard count > 0 else { return false }
        unread += part[..<count]
        return true
    }
}

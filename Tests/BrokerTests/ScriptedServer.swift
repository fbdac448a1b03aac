import Foundation
import Glibc
import Synchronization

/// An AMQP server on a loopback port that answers as a script says.
final class ScriptedServer: Sendable {
    /// A method that a client sent.
    struct Call: Sendable {
        let connection: Int
        let channel: Int
        let method: Int
        let arguments: [UInt8]

        /// The short texts that the arguments begin with, after a reserved short.
        var names: [String] {
            var found: [String] = []
            var rest = arguments.dropFirst(2)
            while found.count < 3, let length = rest.first, rest.count > Int(length) {
                found.append(String(decoding: rest.dropFirst().prefix(Int(length)), as: UTF8.self))
                rest = rest.dropFirst(1 + Int(length))
            }
            return found
        }
    }

    enum Reaction: Sendable {
        case answer
        /// Sends these bytes, and then answers.
        case answerAfter([UInt8])
        /// Answers, and then sends these bytes.
        case answerBefore([UInt8])
        /// Answers, and then reads and sends nothing more on this connection.
        case fallSilent
    }

    let port: Int
    private let listener: Int32
    private let script: @Sendable (Call) -> Reaction
    private let seen = Mutex<[Call]>([])
    private let sockets = Mutex<[Int32]>([])

    init(_ script: @escaping @Sendable (Call) -> Reaction = { _ in .answer }) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, length) = (self.listener, size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard listener >= 0, status else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [self] in acceptAll() }
        thread.start()
    }

    /// What clients have sent so far, in order.
    var calls: [Call] { seen.withLock { $0 } }

    /// Ends every connection, and accepts no more.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func acceptAll() {
        var number = 0
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            number += 1
            sockets.withLock { $0.append(client) }
            let connection = number
            let thread = Thread { [self] in converse(client, connection) }
            thread.start()
        }
        Glibc.close(listener)
    }

    private func converse(_ client: Int32, _ connection: Int) {
        guard read(client, 8) != nil else { return }
        let start = [0, 9] + AMQPBytes.longText([]) + AMQPBytes.longText(Array("PLAIN".utf8))
        send(client, AMQPBytes.method(0x000A_000A, start + AMQPBytes.longText([]), channel: 0))
        var published = 0
        while let head = read(client, 7) {
            let length = head[3...6].reduce(0) { $0 << 8 | Int($1) }
            guard let payload = read(client, length + 1) else { return }
            guard head[0] == 1 else { continue }
            let call = Call(
                connection: connection,
                channel: Int(head[1]) << 8 | Int(head[2]),
                method: payload[0...3].reduce(0) { $0 << 8 | Int($1) },
                arguments: Array(payload[4...].dropLast())
            )
            seen.withLock { $0.append(call) }
            if call.method == 0x003C_0028 { published += 1 }
            let answer = Self.answer(call, published: published)
            switch script(call) {
            case .answer: send(client, answer)
            case .answerAfter(let bytes): send(client, bytes + answer)
            case .answerBefore(let bytes): send(client, answer + bytes)
            case .fallSilent:
                send(client, answer)
                return
            }
        }
    }

    /// What a broker answers to a call that waits for one.
    private static func answer(_ call: Call, published: Int) -> [UInt8] {
        let channel = call.channel
        func reply(_ method: Int, _ arguments: [UInt8] = []) -> [UInt8] {
            AMQPBytes.method(method, arguments, channel: channel)
        }
        switch call.method {
        case 0x000A_000B:
            let limits = AMQPBytes.short(2_047) + AMQPBytes.long(131_072) + AMQPBytes.short(60)
            return reply(0x000A_001E, limits)
        case 0x000A_0028: return reply(0x000A_0029, [0])
        case 0x000A_0032: return reply(0x000A_0033)
        case 0x0014_000A: return reply(0x0014_000B, AMQPBytes.long(0))
        case 0x0014_0028: return reply(0x0014_0029)
        case 0x0028_000A: return reply(0x0028_000B)
        case 0x0032_000A:
            let name = AMQPBytes.shortText(call.names.first ?? "")
            return reply(0x0032_000B, name + AMQPBytes.longLong(0))
        case 0x0032_0014: return reply(0x0032_0015)
        case 0x003C_000A: return reply(0x003C_000B)
        case 0x003C_0014:
            return reply(0x003C_0015, AMQPBytes.shortText(call.names.dropFirst().first ?? ""))
        case 0x003C_001E:
            return reply(0x003C_001F, Array(call.arguments.prefix(1 + Int(call.arguments[0]))))
        case 0x003C_0028: return reply(0x003C_0050, AMQPBytes.longLong(published) + [0])
        case 0x0055_000A: return reply(0x0055_000B)
        default: return []
        }
    }

    private func read(_ client: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let size = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(
                    client,
                    buffer.baseAddress.map { unsafe $0 + filled },
                    count - filled,
                    0
                )
            }
            guard size > 0 else { return nil }
            filled += size
        }
        return bytes
    }

    private func send(_ client: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(client, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            guard size > 0 else { return }
            rest = rest.dropFirst(size)
        }
    }
}

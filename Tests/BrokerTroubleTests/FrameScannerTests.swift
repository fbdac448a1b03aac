import Testing

@testable import BrokerTrouble

@Suite struct `A scanner of frames` {
    private static let greeting = Array("AMQP".utf8) + [0, 0, 9, 1]
    private static let publish = frame(1, [0, 60, 0, 40, 0, 0])
    private static let header = frame(2, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
    private static let body = frame(3, Array("abc".utf8))
    private static let heartbeat = frame(8, [])

    private static func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [type, 0, 1, 0, 0, 0, UInt8(payload.count)] + payload + [0xCE]
    }

    @Test(arguments: [1, 3, 7, 64]) func `finds them however the bytes come`(count: Int) {
        let bytes = Self.greeting + Self.publish + Self.header + Self.heartbeat + Self.body
        var scanner = FrameScanner(.toBroker)
        var found: [FrameScanner.Frame] = []
        for start in stride(from: 0, to: bytes.count, by: count) {
            scanner.add(Array(bytes[start..<min(start + count, bytes.count)]))
            while let frame = scanner.next() { found.append(frame) }
        }
        let kinds: [FrameKind] = [.other, .publish, .publishHeader, .heartbeat, .publishBody]
        #expect(found.map(\.kind) == kinds)
        #expect(found.flatMap(\.bytes) == bytes)
        #expect(!found.contains { !$0.isWhole })
    }

    @Test func `tells a confirm from an acknowledgement by who sends it`() {
        let acknowledge = Self.frame(1, [0, 60, 0, 80, 0])
        var (ours, theirs) = (FrameScanner(.toBroker), FrameScanner(.toClient))
        ours.add(Self.greeting + acknowledge)
        theirs.add(acknowledge)
        _ = ours.next()
        let kinds = [ours.next()?.kind, theirs.next()?.kind]
        #expect(kinds == [.acknowledge, .confirm])
    }

    @Test func `says which frame does not end as it has to`() {
        var scanner = FrameScanner(.toClient)
        scanner.add(Self.frame(1, [0, 60, 0, 60]).dropLast() + [0])
        let frame = scanner.next()
        #expect(frame?.isWhole == false)
    }
}

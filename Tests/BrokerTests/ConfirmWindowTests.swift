import Testing

@testable import RabbitMQBroker

@Suite struct `A confirm window` {
    private static func window(_ count: Int) -> ConfirmWindow<Int> {
        var window = ConfirmWindow<Int>()
        for number in 1...count {
            window.append(
                number,
                messageID: "\(number)",
                exchange: "x",
                routingKey: "k",
                byteCount: 10,
                at: .now
            )
        }
        return window
    }

    @Test func `settles one, or all up to it, once`() {
        var window = Self.window(5)
        var settled: [Int] = []
        window.settle(3, isMultiple: false) { settled.append($0.slot) }
        window.settle(3, isMultiple: false) { settled.append($0.slot) }
        #expect(settled == [3])
        window.settle(4, isMultiple: true) { settled.append($0.slot) }
        #expect(settled == [3, 1, 2, 4])
        window.settle(2, isMultiple: true) { settled.append($0.slot) }
        window.settle(99, isMultiple: true) { settled.append($0.slot) }
        window.settle(0, isMultiple: true) { settled.append($0.slot) }
        #expect((window.count, window.byteCount) == (1, 10))
        window.abandon { settled.append($0.slot) }
        #expect(settled == [3, 1, 2, 4, 5])
        #expect((window.count, window.byteCount) == (0, 0))
        #expect(window.oldest == nil)
    }

    @Test func `counts from 1 again after it was abandoned`() {
        var window = Self.window(3)
        window.abandon { _ in }
        window.append(
            7,
            messageID: nil,
            exchange: "",
            routingKey: "",
            byteCount: 0,
            at: .now
        )
        var settled: [Int] = []
        window.settle(1, isMultiple: false) { settled.append($0.slot) }
        #expect(settled == [7])
    }

    @Test func `matches a return by id, exchange and routing key, the first first`() {
        var window = ConfirmWindow<Int>()
        for (slot, key) in ["a", "b", "b", "b"].enumerated() {
            window.append(
                slot,
                messageID: "same",
                exchange: "x",
                routingKey: key,
                byteCount: 1,
                at: .now
            )
        }
        window.markReturned(messageID: "same", exchange: "x", routingKey: "b")
        window.markReturned(messageID: "same", exchange: "x", routingKey: "b")
        window.markReturned(messageID: "other", exchange: "x", routingKey: "b")
        window.markReturned(messageID: "same", exchange: "y", routingKey: "b")
        var returned: [Int] = []
        window.settle(4, isMultiple: true) { if $0.isReturned { returned.append($0.slot) } }
        #expect(returned == [1, 2])
    }

    @Test func `keeps its numbers over many turns`() {
        var window = ConfirmWindow<Int>()
        var settled: [Int] = []
        for number in 1...10_000 {
            window.append(
                number,
                messageID: nil,
                exchange: "",
                routingKey: "",
                byteCount: 1,
                at: .now
            )
            if number > 200 {
                window.settle(UInt64(number - 200), isMultiple: number % 7 == 0) {
                    settled.append($0.slot)
                }
            }
        }
        #expect(settled == Array(1...9_800))
        #expect(window.count == 200)
    }
}

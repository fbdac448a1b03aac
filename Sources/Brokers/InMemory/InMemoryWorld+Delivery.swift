import RekeyCore
import RekeyPorts

extension InMemoryWorld.State {
    /// Delivers what may be delivered, to whoever has room.
    mutating func pump() {
        var isDone = false
        while !isDone {
            isDone = true
            for number in participants.indices where participants[number].isConnected {
                for queue in participants[number].subscriptions where hasRoom(number, queue) {
                    let count = queues.items[queue]?.count ?? 0
                    let place = shuffle?.place(below: count) ?? 0
                    guard let item = queues.take(queue, at: place) else { continue }
                    deliver(item, from: queue, to: number)
                    isDone = false
                }
            }
        }
    }

    /// Returns what a participant has not settled, as a lost connection does.
    mutating func giveBack(_ number: Int) {
        let unsettled = participants[number].unsettled.sorted { $0.key < $1.key }.map(\.value)
        participants[number].unsettled = [:]
        for queue in Set(unsettled.map(\.queue)).sorted() {
            queues.giveBack(unsettled.filter { $0.queue == queue }.map(\.item), to: queue)
        }
    }

    func place(of id: String, in queue: String) throws(StepFailure) -> Int? {
        guard let items = queues.items[queue] else { throw InMemoryWorld.missing(queue) }
        return items.firstIndex {
            $0.delivery(Delivery.Tag(connection: 0, number: 0), queue: queue).parkedID == id
        }
    }

    private func hasRoom(_ number: Int, _ queue: String) -> Bool {
        let participant = participants[number]
        return participant.unsettled.values.count { $0.queue == queue } < participant.prefetch
    }

    private mutating func deliver(_ item: InMemoryQueues.Item, from queue: String, to number: Int) {
        let tag = Delivery.Tag(
            connection: participants[number].connection,
            number: participants[number].nextTag
        )
        participants[number].nextTag += 1
        participants[number].unsettled[tag.number] = .init(queue: queue, item: item)
        participants[number].feed.yield(item.delivery(tag, queue: queue))
    }
}

extension InMemoryQueues.Item {
    func delivery(_ tag: Delivery.Tag, queue: String) -> Delivery {
        Delivery(
            tag: tag,
            queue: queue,
            exchange: exchange,
            routingKey: routingKey,
            body: body,
            properties: properties,
            isRedelivered: deliveryCount > 0,
            deliveryCount: deliveryCount
        )
    }
}

/// An order drawn from a seed, the same each time (SplitMix64).
struct SeededOrder: RandomNumberGenerator {
    private var word: UInt64

    init(_ seed: UInt64) { word = seed }

    mutating func next() -> UInt64 {
        word &+= 0x9E37_79B9_7F4A_7C15
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func place(below count: Int) -> Int {
        count > 1 ? Int.random(in: 0..<count, using: &self) : 0
    }
}

import RekeyPorts

/// The exchanges, bindings and queues of a broker that lives in memory.
struct InMemoryQueues {
    struct Item {
        var exchange: String
        var routingKey: String
        let body: [UInt8]
        let properties: EventProperties
        var deliveryCount = 0
    }

    let topology: Topology
    let deliveryLimit: Int
    /// How many copies of a publication a queue gets; more than 1 plays a broker that repeats.
    var copies = 1
    private(set) var items: [String: [Item]]
    private let deadLetters: [String: Topology.DeadLetter]

    init(_ topology: Topology, deliveryLimit: Int) {
        self.topology = topology
        self.deliveryLimit = deliveryLimit
        var items: [String: [Item]] = [:]
        var deadLetters: [String: Topology.DeadLetter] = [:]
        for queue in topology.queues {
            items[queue.name] = []
            deadLetters[queue.name] = queue.deadLetter
        }
        self.items = items
        self.deadLetters = deadLetters
    }

    /// Routes one publication, as its mandatory flag and the confirm would answer.
    mutating func publish(_ publication: Publication) -> PublishOutcome {
        if publication.body.count > InMemoryBroker.bodyByteLimit {
            return .unpublishable("body of \(publication.body.count) bytes")
        }
        let headerByteCount = publication.properties.headers.reduce(4) {
            $0 + $1.key.utf8.count + $1.value.utf8.count + 6
        }
        if headerByteCount > InMemoryBroker.headerByteLimit {
            return .unpublishable("headers of \(headerByteCount) bytes")
        }
        guard
            let names = routes(exchange: publication.exchange, routingKey: publication.routingKey)
        else { return .refused("404 NOT_FOUND exchange \(publication.exchange)") }
        let item = Item(
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            body: publication.body,
            properties: publication.properties
        )
        for name in names {
            items[name, default: []] += Array(repeating: item, count: copies)
        }
        return names.isEmpty && publication.mustArrive ? .returned : .confirmed
    }

    /// Takes the item at `place` of a queue.
    mutating func take(_ queue: String, at place: Int = 0) -> Item? {
        guard let count = items[queue]?.count, place < count else { return nil }
        return items[queue]?.remove(at: place)
    }

    /// Puts back what was delivered and not acknowledged, in its order, counting the delivery.
    mutating func giveBack(_ returned: [Item], to queue: String, isCounted: Bool = true) {
        var front: [Item] = []
        for var item in returned {
            if isCounted { item.deliveryCount += 1 }
            if deadLetters[queue] != nil, item.deliveryCount > deliveryLimit {
                deadLetter(item, from: queue)
            } else {
                front.append(item)
            }
        }
        items[queue]?.insert(contentsOf: front, at: 0)
    }

    /// Sends an item to its queue's dead letters; without any, it is gone.
    mutating func deadLetter(_ item: Item, from queue: String) {
        guard let target = deadLetters[queue] else { return }
        var item = item
        item.exchange = target.exchange
        item.routingKey = target.routingKey
        item.deliveryCount = 0
        let names = routes(exchange: target.exchange, routingKey: target.routingKey) ?? []
        for name in names { items[name, default: []].append(item) }
    }

    /// The queues that take it; `nil` where there is no such exchange.
    private func routes(exchange name: String, routingKey: String) -> [String]? {
        if name.isEmpty { return items[routingKey] == nil ? [] : [routingKey] }
        guard let exchange = topology.exchanges.first(where: { $0.name == name }) else {
            return nil
        }
        let bound = topology.bindings.filter { binding in
            guard binding.exchange == name else { return false }
            return switch exchange.kind {
            case .fanout: true
            case .direct: binding.routingKey == routingKey
            case .topic: TopicPattern(binding.routingKey).matches(routingKey)
            }
        }
        var seen: Set<String> = []
        return bound.map(\.queue).filter { seen.insert($0).inserted }
    }
}

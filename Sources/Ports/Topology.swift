/// What has to exist in a broker before events can flow, as data.
///
/// An adapter declares it in dependency order at every connect; it never deletes or alters what
/// is there (guides of RabbitMQ: redeclaring with another argument closes the channel).
package struct Topology: Equatable, Sendable {
    package enum ExchangeKind: String, Sendable { case topic, direct, fanout }

    package struct Exchange: Equatable, Sendable {
        package let name: String
        package let kind: ExchangeKind

        package init(_ name: String, _ kind: ExchangeKind) {
            self.name = name
            self.kind = kind
        }
    }

    /// A durable queue that loses nothing: replicated where the broker can, rejecting when full.
    package struct Queue: Equatable, Sendable {
        package let name: String
        /// Where a delivery goes that was rejected or delivered too often; `nil` parks for good.
        package let deadLetter: DeadLetter?
        /// Whether it goes away by itself once nobody has used it for a minute: a client's own.
        package let isTemporary: Bool
        /// Whether it is there, too, while a node of the broker's is down.
        package let isReplicated: Bool

        package init(_ name: String, deadLetter: DeadLetter?) {
            self.name = name
            self.deadLetter = deadLetter
            self.isTemporary = false
            self.isReplicated = true
        }

        /// A queue for one process; what is in it goes with it.
        ///
        /// For a process that outlives a node of the broker's it is replicated, which costs more.
        package init(temporary name: String, isReplicated: Bool = false) {
            self.name = name
            self.deadLetter = nil
            self.isTemporary = true
            self.isReplicated = isReplicated
        }
    }

    package struct DeadLetter: Equatable, Sendable {
        package let exchange: String
        package let routingKey: String

        package init(exchange: String, routingKey: String) {
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    package struct Binding: Equatable, Sendable {
        package let exchange: String
        package let queue: String
        package let routingKey: String

        package init(exchange: String, queue: String, routingKey: String) {
            self.exchange = exchange
            self.queue = queue
            self.routingKey = routingKey
        }
    }

    package var exchanges: [Exchange]
    /// In the order of declaration: a queue comes after the ones it dead-letters to.
    package var queues: [Queue]
    package var bindings: [Binding]

    package init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

/// One event handed over by a broker, to be acknowledged once it is in the journal.
package struct Delivery: Sendable, Equatable {
    /// Names a delivery for as long as its connection lives; afterwards the tag is void.
    package struct Tag: Hashable, Sendable {
        /// Counts the connections of one broker object, from 1.
        package let connection: UInt64
        package let number: UInt64

        package init(connection: UInt64, number: UInt64) {
            self.connection = connection
            self.number = number
        }
    }

    package let tag: Tag
    package let queue: String
    package let exchange: String
    package let routingKey: String
    package let body: [UInt8]
    package let properties: EventProperties
    package let isRedelivered: Bool
    /// How often the broker handed it out before; 0 at first.
    ///
    /// Only the broker counts crashes.
    package let deliveryCount: Int
    /// How many bytes it has, where no event may have as many: its body is not here then.
    package let oversize: Int?

    package init(
        tag: Tag,
        queue: String,
        exchange: String,
        routingKey: String,
        body: [UInt8],
        properties: EventProperties,
        isRedelivered: Bool = false,
        deliveryCount: Int = 0,
        oversize: Int? = nil
    ) {
        self.tag = tag
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.properties = properties
        self.isRedelivered = isRedelivered
        self.deliveryCount = deliveryCount
        self.oversize = oversize
    }
}

/// What travels beside a body, in the terms that AMQP 0-9-1 and CloudEvents share.
package struct EventProperties: Sendable, Equatable {
    package var messageID: String?
    package var type: String?
    package var contentType: String?
    package var correlationID: String?
    package var appID: String?
    /// Who published it, as the broker checked; `nil` where it was not said.
    package var userID: String?
    /// Only texts and whole numbers are kept, the latter as their digits; at most 16 KiB in all.
    package var headers: [String: String]

    package init(
        messageID: String? = nil,
        type: String? = nil,
        contentType: String? = nil,
        correlationID: String? = nil,
        appID: String? = nil,
        userID: String? = nil,
        headers: [String: String] = [:]
    ) {
        self.messageID = messageID
        self.type = type
        self.contentType = contentType
        self.correlationID = correlationID
        self.appID = appID
        self.userID = userID
        self.headers = headers
    }
}

/// What the method frame says, before the header and the body arrive.
struct MessageHead {
    enum Kind {
        /// `consumer` is the subscription's place; `nil` for a delivery that was asked for.
        case delivery(consumer: Int?, tag: UInt64, isRedelivered: Bool)
        case returned(code: UInt16)
    }

    let kind: Kind
    let exchange: String
    let routingKey: String
}

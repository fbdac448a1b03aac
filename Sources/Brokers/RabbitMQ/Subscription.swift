/// A queue to consume, and how many of its deliveries may be unacknowledged at a time.
package struct Subscription: Sendable, Equatable {
    /// More than this only moves the waiting from the broker into our memory.
    package static let defaultPrefetch = 64

    package let queue: String
    package let prefetch: Int
    /// Handed over before the others that arrived with it.
    package let isUrgent: Bool

    package init(
        _ queue: String,
        prefetch: Int = Subscription.defaultPrefetch,
        isUrgent: Bool = false
    ) {
        precondition((1...Int(UInt16.max)).contains(prefetch), "A prefetch is 1 to 65535.")
        self.queue = queue
        self.prefetch = prefetch
        self.isUrgent = isUrgent
    }
}

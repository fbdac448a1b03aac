import Synchronization

/// Wakes one waiting loop; signals that come while it is awake are one signal.
package final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func raise() { continuation.yield() }

    /// The signals, for one reader.
    var raised: AsyncStream<Void> { stream }
}

/// Pauses that grow twofold, each drawn evenly from nothing to its bound ("full jitter").
struct Backoff: Sendable {
    private let first: Duration
    private let last: Duration
    private var bound: Duration

    init(first: Duration, last: Duration) {
        self.first = first
        self.last = last
        bound = first
    }

    mutating func next() -> Duration {
        defer { bound = min(bound * 2, last) }
        return bound * Double.random(in: 0...1)
    }

    mutating func reset() { bound = first }
}

/// How long something took, many times, in milliseconds.
struct Latencies: Encodable, Sendable, CustomStringConvertible {
    let p50: Double
    let p90: Double
    let p99: Double
    let max: Double

    /// - Precondition: There is at least one.
    init(_ durations: [Duration]) {
        precondition(!durations.isEmpty, "Latencies need a value.")
        let values = durations.map { $0 / .milliseconds(1) }
        p50 = Spread.percentile(0.5, of: values).rounded(to: 2)
        p90 = Spread.percentile(0.9, of: values).rounded(to: 2)
        p99 = Spread.percentile(0.99, of: values).rounded(to: 2)
        max = Spread.percentile(1, of: values).rounded(to: 2)
    }

    var description: String { "p50 \(p50) ms, p90 \(p90) ms, p99 \(p99) ms, max \(max) ms" }
}

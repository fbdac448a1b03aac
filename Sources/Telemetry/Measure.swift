import CoreMetrics

/// Measures by name, into whatever metrics system the program was started with.
package enum Measure {
    package static func count(
        _ name: MetricName,
        _ labels: [String: String] = [:],
        by amount: Int = 1
    ) {
        Counter(label: name.rawValue, dimensions: dimensions(labels)).increment(by: amount)
    }

    package static func seconds(
        _ name: MetricName,
        _ value: Double,
        _ labels: [String: String] = [:]
    ) {
        Recorder(label: name.rawValue, dimensions: dimensions(labels), aggregate: true).record(
            value
        )
    }

    /// The same as `seconds`, looked up once: for what is measured thousands of times a second.
    package static func recorder(_ name: MetricName) -> @Sendable (Double) -> Void {
        let recorder = Recorder(label: name.rawValue, aggregate: true)
        return { recorder.record($0) }
    }

    package static func set(_ name: MetricName, _ value: Double) {
        Meter(label: name.rawValue).set(value)
    }

    private static func dimensions(_ labels: [String: String]) -> [(String, String)] {
        labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

import CoreMetrics
import Synchronization

/// What Prometheus does with a metric.
enum MetricKind: String, Sendable { case counter, gauge, histogram }

/// One metric with one set of labels.
final class MetricSeries: Sendable {
    private struct State {
        var value = 0.0
        var count = 0
        var buckets = Array(repeating: 0, count: PrometheusMetrics.buckets.count)
    }

    let name: String
    /// Such as `step="apply"`, or empty.
    let labels: String
    private let kind: MetricKind
    private let state = Mutex(State())

    init(name: String, labels: String, kind: MetricKind) {
        self.name = name
        self.labels = labels
        self.kind = kind
    }

    func lines() -> [String] {
        let state = state.withLock { $0 }
        let own = labels.isEmpty ? "" : "{\(labels)}"
        guard kind == .histogram else {
            return ["\(name)\(own) \(PrometheusText.number(state.value))"]
        }
        let prefix = labels.isEmpty ? "" : labels + ","
        let bounds = PrometheusMetrics.buckets.map(PrometheusText.number) + ["+Inf"]
        let buckets = zip(bounds, state.buckets + [state.count]).map { bound, count in
            "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(count)"
        }
        let sum = "\(name)_sum\(own) \(PrometheusText.number(state.value))"
        return buckets + [sum, "\(name)_count\(own) \(state.count)"]
    }

    private func add(_ amount: Double) {
        // A counter that falls would read as a restart.
        guard kind == .gauge || amount > 0 else { return }
        state.withLock { $0.value += amount }
    }

    private func put(_ value: Double) {
        state.withLock { state in
            guard kind == .histogram else {
                state.value = value
                return
            }
            state.value += value
            state.count += 1
            for (index, bound) in PrometheusMetrics.buckets.enumerated() where value <= bound {
                state.buckets[index] += 1
            }
        }
    }
}

extension MetricSeries: CounterHandler, FloatingPointCounterHandler {
    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func reset() { state.withLock { $0 = State() } }
}

extension MetricSeries: MeterHandler {
    func set(_ value: Int64) { put(Double(value)) }
    func set(_ value: Double) { put(value) }
    func decrement(by amount: Double) { add(-amount) }
}

extension MetricSeries: RecorderHandler {
    func record(_ value: Int64) { put(Double(value)) }
    func record(_ value: Double) { put(value) }
}

extension MetricSeries: TimerHandler {
    func recordNanoseconds(_ duration: Int64) { put(Double(duration) / 1e9) }
}

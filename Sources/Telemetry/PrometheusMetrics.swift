package import CoreMetrics
import Synchronization

/// Keeps metrics in memory and writes them as Prometheus' text format 0.0.4.
///
/// Copies share what they keep.
package struct PrometheusMetrics: MetricsFactory {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Sets of labels under one name; a further one is counted and not kept.
    package static let seriesLimit = 1_000
    /// Upper bounds of a histogram's buckets, in seconds.
    package static let buckets = [
        0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800,
    ]

    private let families: Families

    package init() { families = Families() }

    package func makeCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any CounterHandler {
        families.series(label, dimensions, kind: .counter)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        families.series(label, dimensions, kind: .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        families.series(label, dimensions, kind: .gauge)
    }

    /// A recorder that aggregates is a histogram, one that does not is a gauge.
    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        families.series(label, dimensions, kind: aggregate ? .histogram : .gauge)
    }

    /// A histogram in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        families.series(label, dimensions, kind: .histogram)
    }

    package func destroyCounter(_ handler: any CounterHandler) { families.remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        families.remove(handler)
    }
    package func destroyMeter(_ handler: any MeterHandler) { families.remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { families.remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { families.remove(handler) }

    /// Everything that is kept, sorted, as one page.
    package func text() -> String { families.text() }
}

/// Metrics of one name, by their labels.
private final class Families: Sendable {
    private struct Family {
        let kind: MetricKind
        var series: [String: MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    func series(
        _ label: String,
        _ dimensions: [(String, String)],
        kind: MetricKind
    ) -> MetricSeries {
        let name = PrometheusText.name(label)
        let labels = PrometheusText.labels(dimensions)
        let series = families.withLock { families -> MetricSeries? in
            var family = families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            if let known = family.series[labels] { return known }
            guard family.series.count < PrometheusMetrics.seriesLimit else {
                return nil
            }
            let series = MetricSeries(name: name, labels: labels, kind: kind)
            family.series[labels] = series
            families[name] = family
            return series
        }
        if let series { return series }
        let dropped = MetricName.droppedSeries.rawValue
        if name != dropped {
            self.series(dropped, [("metric", name)], kind: .counter).increment(by: Int64(1))
        }
        return MetricSeries(name: name, labels: labels, kind: kind)
    }

    func remove(_ handle: AnyObject) {
        guard let series = handle as? MetricSeries else { return }
        families.withLock { $0[series.name]?.series[series.labels] = nil }
    }

    func text() -> String {
        let all = families.withLock { families in
            families.sorted { $0.key < $1.key }.map { name, family in
                let series = family.series.sorted { $0.key < $1.key }.map(\.value)
                return (name, family.kind, series)
            }
        }
        var lines: [String] = []
        for (name, kind, series) in all where !series.isEmpty {
            if let known = MetricName(rawValue: name) {
                lines.append("# HELP \(name) \(known.help)")
            }
            lines.append("# TYPE \(name) \(kind.rawValue)")
            for one in series { lines += one.lines() }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

import CoreMetrics
import RekeyTelemetry
import Testing

@Suite struct `Metrics for Prometheus` {
    private let metrics = PrometheusMetrics()

    @Test func `count`() {
        let counter = metrics.makeCounter(
            label: MetricName.rotations.rawValue,
            dimensions: [("outcome", "closed")]
        )
        counter.increment(by: 2)
        counter.increment(by: -5)
        metrics.makeCounter(label: "rekey_rotations_total", dimensions: [("outcome", "closed")])
            .increment(by: 1)
        #expect(
            metrics.text() == """
                # HELP rekey_rotations_total Rotations that ended, by outcome.
                # TYPE rekey_rotations_total counter
                rekey_rotations_total{outcome="closed"} 3

                """
        )
    }

    @Test func `go up and down`() {
        let meter = metrics.makeMeter(label: "depth", dimensions: [])
        meter.set(Int64(7))
        meter.increment(by: 1.5)
        meter.decrement(by: 3)
        let gauge = metrics.makeRecorder(label: "last", dimensions: [], aggregate: false)
        gauge.record(Int64(4))
        gauge.record(2.25)
        #expect(
            metrics.text()
                == "# TYPE depth gauge\ndepth 5.5\n# TYPE last gauge\nlast 2.25\n"
        )
    }

    @Test func `sort times into buckets that add up`() {
        let timer = metrics.makeTimer(
            label: "rekey_step_seconds",
            dimensions: [("step", "apply")]
        )
        for milliseconds in [1, 20, 20, 4_000_000] as [Int64] {
            timer.recordNanoseconds(milliseconds * 1_000_000)
        }
        let text = metrics.text()
        for line in [
            "# TYPE rekey_step_seconds histogram",
            "rekey_step_seconds_bucket{step=\"apply\",le=\"0.001\"} 1",
            "rekey_step_seconds_bucket{step=\"apply\",le=\"0.01\"} 1",
            "rekey_step_seconds_bucket{step=\"apply\",le=\"0.05\"} 3",
            "rekey_step_seconds_bucket{step=\"apply\",le=\"1800\"} 3",
            "rekey_step_seconds_bucket{step=\"apply\",le=\"+Inf\"} 4",
            "rekey_step_seconds_sum{step=\"apply\"} 4000.041",
            "rekey_step_seconds_count{step=\"apply\"} 4",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test func `escape labels and mend names`() {
        metrics.makeCounter(
            label: "9a.b-c",
            dimensions: [("b:c", "x"), ("a", "q\"\\\n")]
        ).increment(by: 1)
        #expect(metrics.text() == "# TYPE _a_b_c counter\n_a_b_c{a=\"q\\\"\\\\\\n\",b_c=\"x\"} 1\n")
    }

    @Test func `have a limit to how many are kept`() {
        for index in 0..<(PrometheusMetrics.seriesLimit + 5) {
            metrics.makeCounter(label: "many", dimensions: [("n", "\(index)")]).increment(by: 1)
        }
        let lines = metrics.text().split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("many{") } == PrometheusMetrics.seriesLimit)
        #expect(lines.contains("rekey_metrics_dropped_series_total{metric=\"many\"} 5"))
    }

    @Test func `do not mix kinds under one name`() {
        metrics.makeCounter(label: "one", dimensions: []).increment(by: 1)
        metrics.makeMeter(label: "one", dimensions: []).set(9.0)
        #expect(metrics.text().contains("one 1\n"))
    }

    @Test func `forget what was destroyed`() {
        let counter = metrics.makeCounter(label: "gone", dimensions: [])
        counter.increment(by: 1)
        metrics.destroyCounter(counter)
        #expect(metrics.text().isEmpty)
    }

    @Test func `lose nothing when many write at once`() async {
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        metrics.makeCounter(label: "busy", dimensions: []).increment(by: 1)
                    }
                }
            }
        }
        #expect(metrics.text().contains("busy 8000\n"))
    }

    @Test func `are named as Prometheus asks`() {
        for name in MetricName.allCases.map(\.rawValue) {
            #expect(name.hasPrefix("rekey_"))
            #expect(name.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }
}

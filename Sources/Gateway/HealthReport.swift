import Foundation
import HTTPTypes
import Hummingbird
import RekeyCore
import RekeyPorts
import RekeyTelemetry

/// Whether Rekey is alive, whether it can work, and its numbers for Prometheus.
struct HealthReport: Sendable {
    let broker: any Broker
    let reader: any JournalReader
    let registry: PrometheusMetrics
    let consumes: Bool

    var alive: Response { .json(["status": "ok"]) }

    /// 200 while the broker consumes and publishes and the journal answers; else 503 and why.
    var ready: Response {
        get async {
            struct Readiness: Encodable {
                var status: String
                var problems: [String]
            }
            var problems: [String] = []
            let state = broker.state
            if consumes, !state.isConsuming {
                problems.append("broker: not consuming: \(state.lastFailure ?? "connecting")")
            }
            if !state.isPublishing {
                problems.append("broker: not publishing: \(state.lastFailure ?? "connecting")")
            }
            if let reason = state.blockedReason { problems.append("broker: blocked: \(reason)") }
            problems += state.drift.map { "topology drift: \($0)" }
            do {
                _ = try await reader.counts()
            } catch {
                problems.append("\(error)")
            }
            let isReady = problems.isEmpty
            return .json(
                Readiness(status: isReady ? "ready" : "degraded", problems: problems),
                status: isReady ? .ok : .serviceUnavailable
            )
        }
    }

    /// What needs somebody; false where the journal does not say.
    private func measureSecrets() async -> Bool {
        let query = RotationQuery(openOnly: true, limit: Self.rotationsAtMost)
        guard let open = try? await reader.rotations(query),
            let records = try? await reader.credentials()
        else { return false }
        let now = Date()
        let overdue = records.filter { record in record.dueAt.map { $0 <= now } ?? false }
        Measure.set(.stuck, Double(open.count { $0.heldReason != nil }))
        Measure.set(.overdue, Double(overdue.count))
        return true
    }

    /// More than may be in flight.
    private static let rotationsAtMost = 10_000

    /// Everything measured, and how much is in the journal now.
    var metrics: Response {
        get async {
            guard let counts = try? await reader.counts(), await measureSecrets() else {
                // The journal's failure is told by `ready`; here there is only nothing to show.
                return Response(status: .serviceUnavailable)
            }
            let state = broker.state
            Measure.set(.rotationsInFlight, Double(counts.openRotations))
            Measure.set(.inboxRows, Double(counts.waitingInbox))
            Measure.set(.outboxRows, Double(counts.unsentOutbox))
            let age = counts.oldestUnsent.map { max(0, -$0.timeIntervalSinceNow) } ?? 0
            Measure.set(.outboxOldestSeconds, age)
            Measure.set(.debts, Double(counts.unpaidDebts))
            let isConsuming = state.isConsuming || !consumes
            let isConnected = isConsuming && state.isPublishing && state.blockedReason == nil
            Measure.set(.brokerConnected, isConnected ? 1 : 0)
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusMetrics.contentType],
                body: .init(byteBuffer: ByteBuffer(string: registry.text()))
            )
        }
    }
}

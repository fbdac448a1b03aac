import Foundation
import HTTPTypes
import Hummingbird
import RekeyPorts

/// Whether Rekey is alive, whether it can work, and its numbers for Prometheus.
struct HealthReport: Sendable {
    let broker: any Broker
    let reader: any JournalReader

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
            if !state.isConsuming {
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

    var metrics: Response {
        get async {
            guard let counts = try? await reader.counts() else {
                // The journal's failure is told by `ready`; here there is only nothing to show.
                return Response(status: .serviceUnavailable)
            }
            let age = counts.oldestUnsent.map { max(0, -$0.timeIntervalSinceNow) } ?? 0
            let state = broker.state
            let gauges: [(name: String, help: String, value: Double)] = [
                ("rekey_open_rotations", "Rotations in flight.", Double(counts.openRotations)),
                ("rekey_inbox_waiting", "Inbox entries not handled.", Double(counts.waitingInbox)),
                ("rekey_outbox_unsent", "Outbox rows not sent.", Double(counts.unsentOutbox)),
                ("rekey_outbox_oldest_seconds", "Age of the oldest unsent row.", age),
                ("rekey_timers", "Timers set.", Double(counts.timers)),
                ("rekey_debts_unpaid", "Credentials to be revoked.", Double(counts.unpaidDebts)),
                ("rekey_broker_consuming", "1 while consuming.", state.isConsuming ? 1 : 0),
                ("rekey_broker_publishing", "1 while publishing.", state.isPublishing ? 1 : 0),
            ]
            let text = gauges.map {
                "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) gauge\n\($0.name) \($0.value)\n"
            }.joined()
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        }
    }
}

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
    /// The secrets that are to be rotated; the journal remembers others too.
    let secrets: Set<CredentialID>
    let reads = ReadLimit(seconds: Self.secondsBetweenReads)

    func answer(on router: Router<BasicRequestContext>) {
        router.get("/health") { _, _ in alive }
        router.get("/ready") { _, _ in await ready }
        router.get("/metrics") { _, _ in await metrics }
    }

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
    ///
    /// What is in flight, paused, or no more to be rotated, is not overdue.
    private func measureSecrets() async -> Bool {
        guard reads.begin() else { return true }
        let query = RotationQuery(openOnly: true, limit: Self.rotationsAtMost)
        guard let open = try? await reader.rotations(query),
            let records = try? await reader.credentials()
        else { return false }
        let inFlight = Set(open.map(\.plan.credential))
        let overdue = Self.overdue(records, of: secrets.subtracting(inFlight), at: Date())
        let needy = open.count { $0.heldReason != nil || $0.troubledReason != nil }
        Measure.set(.stuck, Double(needy))
        Measure.set(.overdue, Double(overdue))
        return true
    }

    /// How many of these secrets should have been rotated by now.
    ///
    /// One whose rotation failed stays so: that it is not tried again before some time, and is due
    /// no sooner, does not make it less late.
    static func overdue(
        _ records: [CredentialRecord],
        of secrets: Set<CredentialID>,
        at now: Date
    ) -> Int {
        records.count { record in
            guard let due = record.dueAt, !record.isPaused else { return false }
            return due <= max(now, record.notBefore ?? now) && secrets.contains(record.id)
        }
    }

    /// Anybody may ask for the numbers, and these take a read of all that is in flight.
    private static let secondsBetweenReads = 2.0
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

package import Foundation
package import RekeyAzure
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// Starts an Azure Automation runbook, once for each natural key, and follows it to its end.
///
/// The job's name is made from the key, so that a repeat finds the job instead of starting a
/// second one. Only after a job that failed, which Automation never runs again under its name,
/// does `start` take the next name. A completed job whose error stream is not empty has failed:
/// PowerShell's non-terminating errors leave the status `Completed` (azure.md §6).
package struct AutomationHook: Hook {
    let settings: AutomationHookSettings
    let arm: ARMClient
    let now: @Sendable () -> Date

    package init(
        _ settings: AutomationHookSettings,
        arm: ARMClient,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.settings = settings
        self.arm = arm
        self.now = now
    }

    package var needsValue: Bool {
        switch settings.delivery {
        case .reference: false
        case .sealed, .includeSecret: true
        }
    }

    package func start(_ order: HookOrder) async throws(StepFailure) {
        for run in 0..<AutomationHookSettings.runLimit {
            let name = name(order, run: run)
            guard let failure = try await refusal(of: name, order) else { return }
            // A used name starts no second run: 409, or 400 in older reports (azure.md §6).
            guard failure.status == 409 || failure.status == 400,
                let report = try await report(of: name)
            else { throw StepFailure(failure) }
            guard case .failed = report else { return }
        }
        throw StepFailure(
            .permanent,
            "\(subject): \(AutomationHookSettings.runLimit) jobs of this delivery have failed"
        )
    }

    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        var last = HookProgressReport.notStarted
        for run in 0..<AutomationHookSettings.runLimit {
            guard let report = try await report(of: name(order, run: run)) else { return last }
            last = report
            guard case .failed = report else { return report }
        }
        return last
    }

    var subject: String { "hook \(settings.name)" }

    private func name(_ order: HookOrder, run: Int) -> String {
        let names = [order.key.text] + (run == 0 ? [] : ["run", String(run)])
        return UUIDv5.text(in: order.rotation.text, names)
    }

    private func jobID(_ name: String) -> String { "\(settings.accountID)/jobs/\(name)" }

    /// Asks for the job; nil where Automation took it.
    private func refusal(
        of name: String,
        _ order: HookOrder
    ) async throws(StepFailure) -> AzureFailure? {
        do {
            _ = try await arm.send(
                "createJob \(settings.runbook)",
                .put,
                jobID(name),
                version: AutomationHookSettings.apiVersion,
                body: try body(order),
                effect: .once
            )
            return nil
        } catch {
            return error
        }
    }

    /// How far the job with this name is; nil where there is none.
    private func report(of name: String) async throws(StepFailure) -> HookProgressReport? {
        guard let job = try await job(name) else { return nil }
        switch job.status {
        case "Completed":
            let errors = try await errorCount(of: name)
            guard errors == 0 else {
                return .failed("job \(name) completed with \(errors) errors in its stream")
            }
            return .succeeded("job \(name) completed")
        case "Failed", "Stopped", "Blocked": return .failed("job \(name) is \(job.status)")
        case "Suspended":
            let since = job.lastStatusModifiedTime.flatMap(Timestamp.date) ?? .distantPast
            let isLasting = now() > since + AutomationHookSettings.suspensionSeconds
            return isLasting ? .failed("job \(name) is Suspended") : .running
        default: return .running
        }
    }

    private struct Job: Decodable {
        struct Properties: Decodable {
            var status: String
            var lastStatusModifiedTime: String?
        }
        var properties: Properties
    }

    private func job(_ name: String) async throws(StepFailure) -> Job.Properties? {
        do {
            let response = try await arm.send(
                "getJob",
                .get,
                jobID(name),
                version: AutomationHookSettings.apiVersion,
                effect: .reads
            )
            return try response.decoded(as: Job.self).properties
        } catch {
            if error.status == 404 { return nil }
            throw StepFailure(error)
        }
    }

    /// Only how many there are: a stream's text may hold the value.
    private func errorCount(of name: String) async throws(StepFailure) -> Int {
        struct Stream: Decodable, Sendable {
            struct Properties: Decodable, Sendable { var streamType: String? }
            var properties: Properties?
        }
        do {
            return try await arm.list(
                "listJobStreams",
                "\(jobID(name))/streams",
                version: AutomationHookSettings.apiVersion,
                query: "$filter=properties/streamType%20eq%20'Error'",
                of: Stream.self
            ).count { $0.properties?.streamType ?? "Error" == "Error" }
        } catch {
            throw StepFailure(error)
        }
    }
}

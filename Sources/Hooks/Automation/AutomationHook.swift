package import Foundation
package import RekeyAzure
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// Starts an Azure Automation runbook, once for each natural key, and follows it to its end.
///
/// The job's name is made from the key, so that a repeat finds the job instead of starting a
/// second one. A completed job whose error stream is not empty has failed: PowerShell's
/// non-terminating errors leave the status `Completed` (azure.md §6).
package struct AutomationHook: Hook {
    private let settings: AutomationHookSettings
    private let arm: ARMClient
    private let now: @Sendable () -> Date

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
        let job = jobID(order)
        do {
            _ = try await arm.send(
                "createJob \(settings.runbook)",
                .put,
                job,
                version: AutomationHookSettings.apiVersion,
                body: try body(order),
                effect: .once
            )
        } catch {
            // A used name starts no second run: 409, or 400 in older reports (azure.md §6).
            guard error.status == 409 || error.status == 400 else { throw StepFailure(error) }
            guard try await status(of: job) != nil else { throw StepFailure(error) }
        }
    }

    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        let job = jobID(order)
        guard let status = try await status(of: job) else { return .notStarted }
        switch status {
        case "Completed":
            let errors = try await errorCount(of: job)
            guard errors == 0 else {
                return .failed("job \(name(order)) completed with \(errors) errors in its stream")
            }
            return .succeeded("job \(name(order)) completed")
        case "Failed", "Stopped", "Blocked", "Suspended":
            return .failed("job \(name(order)) is \(status)")
        default: return .running
        }
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        var findings = try await runbookFindings()
        if let group = settings.runOn { findings += try await workerFindings(group) }
        if case .includeSecret = settings.delivery {
            findings.append(
                Finding(
                    .warning,
                    subject,
                    "includeSecret exposes the value to whoever may read jobs, for 30 days",
                    hint: "deliver by reference, or sealed"
                )
            )
        }
        return findings
    }

    private var subject: String { "hook \(settings.name)" }

    private func name(_ order: HookOrder) -> String {
        UUIDv5.text(in: order.rotation.text, [order.key.text])
    }

    private func jobID(_ order: HookOrder) -> String {
        "\(settings.accountID)/jobs/\(name(order))"
    }

    private func status(of job: String) async throws(StepFailure) -> String? {
        struct Job: Decodable {
            struct Properties: Decodable { var status: String }
            var properties: Properties
        }
        do {
            let response = try await arm.send(
                "getJob",
                .get,
                job,
                version: AutomationHookSettings.apiVersion,
                effect: .reads
            )
            return try response.decoded(as: Job.self).properties.status
        } catch {
            if error.status == 404 { return nil }
            throw StepFailure(error)
        }
    }

    /// Only how many there are: a stream's text may hold the value.
    private func errorCount(of job: String) async throws(StepFailure) -> Int {
        struct Stream: Decodable, Sendable {}
        do {
            return try await arm.list(
                "listJobStreams",
                "\(job)/streams",
                version: AutomationHookSettings.apiVersion,
                query: "$filter=properties/streamType%20eq%20'Error'",
                of: Stream.self
            ).count
        } catch {
            throw StepFailure(error)
        }
    }
}

// The body of a job: names and texts, and the value only where it was asked for.
extension AutomationHook {
    private func body(_ order: HookOrder) throws(AzureFailure) -> Secret {
        var parameters = settings.parameters
        if let carrier = order.carriers.first {
            parameters["VaultName"] = carrier.vault.text
            parameters["SecretName"] = carrier.name.text
            parameters["SecretVersion"] = carrier.version.text
        }
        if let account = order.account { parameters["Account"] = account.text }
        switch settings.delivery {
        case .reference: break
        case .sealed(let certificate):
            guard let value = order.value else { throw missingValue }
            do {
                let sealed = try CMS.encrypt(value, to: certificate)
                parameters[AutomationHookSettings.sealedParameter] =
                    Data(sealed).base64EncodedString()
            } catch {
                throw AzureFailure(.permanent, "createJob", detail: "\(error)")
            }
        case .includeSecret:
            guard let value = order.value else { throw missingValue }
            return try body(parameters, with: value)
        }
        return try plain(Job(properties: properties(parameters)))
    }

    /// The value is written into the body byte by byte, as JSON text within JSON text: Automation
    /// would otherwise retype a value that looks like a number (azure.md §6).
    private func body(
        _ parameters: [String: String],
        with value: Secret
    ) throws(AzureFailure) -> Secret {
        let place = "rekey-\(UUID().uuidString)"
        var all = parameters
        all[AutomationHookSettings.secretParameter] = place
        let template = try plain(Job(properties: properties(all)))
        guard let quoted = JSONText.quoted(value),
            let body = JSONText.replacing(place, in: template, by: quoted)
        else { throw AzureFailure(.permanent, "createJob", detail: "the value is not UTF-8") }
        return body
    }

    private var missingValue: AzureFailure {
        AzureFailure(.permanent, "createJob", detail: "there is no value to deliver")
    }

    private struct Job: Encodable {
        struct Properties: Encodable {
            struct Runbook: Encodable { var name: String }
            var runbook: Runbook
            var parameters: [String: String]
            var runOn: String?
        }
        var properties: Properties
    }

    private func properties(_ parameters: [String: String]) -> Job.Properties {
        Job.Properties(
            runbook: .init(name: settings.runbook),
            parameters: parameters,
            runOn: settings.runOn
        )
    }

    private func plain(_ job: Job) throws(AzureFailure) -> Secret {
        do {
            return try JSONBody.plain(job)
        } catch {
            throw AzureFailure(.permanent, "createJob", detail: error.rawValue)
        }
    }
}

// What `check` says before any rotation: by reads alone.
extension AutomationHook {
    private func runbookFindings() async throws(StepFailure) -> [Finding] {
        struct Runbook: Decodable {
            struct Properties: Decodable {
                struct Parameter: Decodable {}
                var state: String
                var parameters: [String: Parameter]?
            }
            var properties: Properties
        }
        let runbook: Runbook
        do {
            runbook = try await arm.send(
                "getRunbook \(settings.runbook)",
                .get,
                "\(settings.accountID)/runbooks/\(settings.runbook)",
                version: AutomationHookSettings.apiVersion,
                effect: .reads
            ).decoded(as: Runbook.self)
        } catch {
            guard error.status == 404 else { throw StepFailure(error) }
            let hint = "create and publish it, or name another"
            let text = "there is no runbook \(settings.runbook)"
            return [Finding(.problem, subject, text, hint: hint)]
        }
        var findings: [Finding] = []
        if runbook.properties.state != "Published" {
            let text = "runbook \(settings.runbook) is \(runbook.properties.state)"
            findings.append(Finding(.problem, subject, text, hint: "publish it"))
        }
        let names = (runbook.properties.parameters ?? [:]).keys.map { $0.lowercased() }
        let wanted = AutomationHookSettings.secretParameter
        if !names.contains(wanted.lowercased()) {
            let text = "runbook \(settings.runbook) has no parameter \(wanted): it may be ignored"
            findings.append(Finding(.warning, subject, text))
        }
        return findings
    }

    private func workerFindings(_ group: String) async throws(StepFailure) -> [Finding] {
        struct Worker: Decodable, Sendable {
            struct Properties: Decodable, Sendable { var lastSeenDateTime: String? }
            var properties: Properties
        }
        let workers: [Worker]
        do {
            workers = try await arm.list(
                "listHybridRunbookWorkers \(group)",
                "\(settings.accountID)/hybridRunbookWorkerGroups/\(group)/hybridRunbookWorkers",
                version: AutomationHookSettings.apiVersion,
                of: Worker.self
            )
        } catch {
            guard error.status == 404 else { throw StepFailure(error) }
            return [Finding(.problem, subject, "there is no hybrid worker group \(group)")]
        }
        let oldest = now() - AutomationHookSettings.workerSilenceSeconds
        let isLive = workers.contains { worker in
            worker.properties.lastSeenDateTime.flatMap(Timestamp.date).map { $0 > oldest } ?? false
        }
        guard !isLive else { return [] }
        let text = "no worker of group \(group) was seen lately: a job would wait for one"
        return [Finding(.problem, subject, text, hint: "start a hybrid worker")]
    }
}

import Foundation
import RekeyAzure
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

// What `check` says before any rotation: by reads alone.
extension AutomationHook {
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

    private struct Runbook: Decodable {
        struct Properties: Decodable {
            struct Parameter: Decodable {}
            var state: String
            var parameters: [String: Parameter]?
        }
        var properties: Properties
    }

    private func runbookFindings() async throws(StepFailure) -> [Finding] {
        let runbook: Runbook
        do {
            runbook = try await arm.send(
                "getRunbook \(settings.runbook)",
                .get,
                "\(settings.accountID)/runbooks/\(settings.segment(settings.runbook))",
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
        // PowerShell's parameters have no case.
        let names = (runbook.properties.parameters ?? [:]).keys.map { $0.lowercased() }
        for wanted in settings.deliveredParameters where !names.contains(wanted.lowercased()) {
            let text = "runbook \(settings.runbook) has no parameter \(wanted): it is sent anyway"
            findings.append(
                Finding(.warning, subject, text, hint: "declare it where the runbook needs it")
            )
        }
        return findings
    }

    private func workerFindings(_ group: String) async throws(StepFailure) -> [Finding] {
        struct Worker: Decodable, Sendable {
            struct Properties: Decodable, Sendable { var lastSeenDateTime: String? }
            var properties: Properties
        }
        let id = "\(settings.accountID)/hybridRunbookWorkerGroups/\(settings.segment(group))"
        let workers: [Worker]
        do {
            workers = try await arm.list(
                "listHybridRunbookWorkers \(group)",
                "\(id)/hybridRunbookWorkers",
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

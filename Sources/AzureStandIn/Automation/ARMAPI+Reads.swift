import Foundation

/// Runbooks, hybrid worker groups and their workers.
extension ARMAPI {
    static func runbooks(
        _ operation: Operation,
        _ rest: [String],
        in world: World
    ) throws(ARMError) -> Answer {
        if operation == .listRunbooks {
            let all = world.automation.runbooks.values.sorted { $0.name < $1.name }
            return Answer(200, ["value": .array(all.map { json($0, in: world) })])
        }
        guard let runbook = world.automation.runbooks[rest[1].lowercased()] else {
            throw .notFound("runbook \(rest[1])")
        }
        return Answer(200, json(runbook, in: world))
    }

    private static func json(_ runbook: RunbookRecord, in world: World) -> JSON {
        let parameters = runbook.parameters.mapValues { parameter -> JSON in
            [
                "type": .string(parameter.type), "isMandatory": .bool(parameter.isMandatory),
                "position": .integer(parameter.position),
                "defaultValue": .text(parameter.defaultValue),
            ]
        }
        return [
            "id": .string(resourceID("runbooks/\(runbook.name)", in: world)),
            "name": .string(runbook.name), "location": "westeurope",
            "type": "Microsoft.Automation/AutomationAccounts/Runbooks",
            "properties": [
                "runbookType": .string(runbook.type), "state": .string(runbook.state),
                "logVerbose": false, "logProgress": false, "logActivityTrace": 0,
                "jobCount": .integer(
                    world.automation.jobs.values.count { $0.runbook == runbook.name }
                ),
                "parameters": .object(parameters),
                "creationTime": .string(TimeText.offset(runbook.created)),
                "lastModifiedTime": .string(TimeText.offset(runbook.created)),
                "provisioningState": "Succeeded",
            ],
        ]
    }

    static let groupType = "Microsoft.Automation/AutomationAccounts/HybridRunbookWorkerGroups"

    static func workers(
        _ operation: Operation,
        _ rest: [String],
        in world: World
    ) throws(ARMError) -> Answer {
        if operation == .listWorkerGroups {
            let groups = world.automation.workerGroups.map { json($0, in: world) }
            return Answer(200, ["value": .array(groups)])
        }
        let group = world.automation.workerGroups.first {
            $0.name.lowercased() == rest[1].lowercased()
        }
        guard let group else { throw .notFound("hybrid runbook worker group \(rest[1])") }
        switch operation {
        case .listWorkers:
            let workers = group.workers.map { json($0, of: group, in: world) }
            return Answer(200, ["value": .array(workers)])
        case .getWorker:
            guard let worker = group.workers.first(where: { $0.id == rest[3].lowercased() }) else {
                throw .notFound("hybrid runbook worker \(rest[3])")
            }
            return Answer(200, json(worker, of: group, in: world))
        default:
            return Answer(200, json(group, in: world))
        }
    }

    private static func json(_ group: WorkerGroupRecord, in world: World) -> JSON {
        [
            "id": .string(resourceID("hybridRunbookWorkerGroups/\(group.name)", in: world)),
            "name": .string(group.name),
            "type": .string(groupType),
            "properties": [
                "groupType": "User", "credential": ["name": nil], "hybridRunbookWorkers": nil,
            ],
            "systemData": ["createdAt": .string(TimeText.offset(group.created))],
        ]
    }

    private static func json(
        _ worker: WorkerRecord,
        of group: WorkerGroupRecord,
        in world: World
    ) -> JSON {
        let path = "hybridRunbookWorkerGroups/\(group.name)/hybridRunbookWorkers/\(worker.id)"
        return [
            "id": .string(resourceID(path, in: world)), "name": .string(worker.id),
            "type": .string("\(groupType)/HybridRunbookWorkers"),
            "properties": [
                "ip": "127.0.0.1", "workerType": "HybridV2", "workerName": .string(worker.name),
                "registeredDateTime": .string(TimeText.offset(group.created)),
                "lastSeenDateTime": .string(TimeText.offset(worker.lastSeen)),
            ],
        ]
    }
}

import Foundation

/// Jobs: made under a name that the client chose, and never twice.
extension ARMAPI {
    static func putJob(
        _ call: Call,
        named name: String,
        caller: ApplicationRecord,
        in world: inout World
    ) throws(ARMError) -> Answer {
        guard let properties = call.json?["properties"],
            let runbookName = properties["runbook"]?["name"]?.string
        else { throw .badRequest("The request body has no properties.runbook.name.") }
        // The name becomes a folder's.
        guard name.wholeMatch(of: /[0-9a-zA-Z][0-9a-zA-Z._-]{0,127}/) != nil else {
            throw .badRequest("The job name is not valid.")
        }
        if world.automation.jobs[name] != nil {
            world.automation.jobs[name]?.submissions += 1
            throw .jobExists
        }
        guard let runbook = world.automation.runbooks[runbookName.lowercased()] else {
            throw .notFound("runbook \(runbookName)")
        }
        guard runbook.state != "New" else {
            throw .badRequest("The runbook \(runbookName) has no published version.")
        }
        let runOn = properties["runOn"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if let runOn, !world.automation.workerGroups.contains(where: { $0.name == runOn }) {
            throw .badRequest("The hybrid runbook worker group \(runOn) was not found.")
        }
        let job = JobRecord(
            name: name,
            jobID: UUID().uuidString.lowercased(),
            runbook: runbook.name,
            parameters: properties["parameters"]?.members ?? [:],
            runOn: runOn,
            startedBy: caller.appID,
            created: world.now,
            modified: world.now
        )
        world.automation.jobs[name] = job
        let location =
            "\(call.origin)\(call.rawPath)?api-version="
            + (call.query["api-version"] ?? "")
        return Answer(201, json(job, in: world), headers: ["location": location])
            .changing(
                [
                    "kind": "job", "name": .string(name), "runbook": .string(runbook.name),
                    "runOn": .text(runOn), "parameters": job.parameterDigests,
                ],
                effects: [.runJob(name)]
            )
    }

    /// A running script is let run to its end; the job is stopped all the same.
    static func stopJob(named name: String, in world: inout World) throws(ARMError) -> Answer {
        guard let job = world.automation.jobs[name] else { throw .notFound("job \(name)") }
        guard !job.status.isFinal else { throw .badRequest("The job has ended.") }
        let time = world.now
        world.automation.jobs[name]?.status = .stopped
        world.automation.jobs[name]?.ended = time
        return Answer(200).changing([
            "kind": "jobStatus", "name": .string(name), "status": "Stopped",
        ])
    }

    static func jobs(
        _ operation: Operation,
        _ rest: [String],
        in world: World
    ) throws(ARMError) -> Answer {
        if operation == .listJobs {
            let jobs = world.automation.jobs.values.sorted { $0.created < $1.created }
            return Answer(200, ["value": .array(jobs.map { listed($0, in: world) })])
        }
        guard let job = world.automation.jobs[rest[1]] else { throw .notFound("job \(rest[1])") }
        guard operation == .getOutput else { return Answer(200, json(job, in: world)) }
        var answer = Answer(200, headers: ["content-type": "text/plain"])
        answer.body = Array(job.output.utf8)
        return answer
    }

    static func streams(
        _ operation: Operation,
        _ call: Call,
        _ rest: [String],
        in world: World
    ) throws(ARMError) -> Answer {
        guard let job = world.automation.jobs[rest[1]] else { throw .notFound("job \(rest[1])") }
        if operation == .getStream {
            guard let stream = job.streams.first(where: { $0.id == rest[3] }) else {
                throw .notFound("job stream")
            }
            return Answer(200, json(stream, of: job, isWhole: true, in: world))
        }
        var streams = job.streams
        if let filter = call.query["$filter"] {
            let pattern = /properties\/(?:streamType|StreamType) eq '(\w+)'/
            guard let match = filter.wholeMatch(of: pattern) else {
                throw .badRequest("The filter is not supported.")
            }
            streams = streams.filter { $0.type.lowercased() == match.1.lowercased() }
        }
        let values = streams.map { json($0, of: job, isWhole: false, in: world) }
        return Answer(200, ["value": .array(values)])
    }

    private static func json(
        _ stream: StreamRecord,
        of job: JobRecord,
        isWhole: Bool,
        in world: World
    ) -> JSON {
        var properties: [String: JSON] = [
            "jobStreamId": .string(stream.id), "streamType": .string(stream.type),
            "time": .string(TimeText.offset(stream.time)), "summary": .string(stream.text),
        ]
        if isWhole {
            properties["streamText"] = .string(stream.text)
            properties["value"] = ["value": .string(stream.text)]
        }
        return [
            "id": .string(resourceID("jobs/\(job.name)/streams/\(stream.id)", in: world)),
            "properties": .object(properties),
        ]
    }

    /// The list shows less than the single job: no parameters, above all.
    private static func listed(_ job: JobRecord, in world: World) -> JSON {
        let shown: Set<String> = [
            "jobId", "runbook", "provisioningState", "status", "creationTime", "startTime",
            "lastModifiedTime", "endTime", "runOn",
        ]
        var members = json(job, in: world).members
        let properties = members["properties"]?.members ?? [:]
        members["properties"] = .object(properties.filter { shown.contains($0.key) })
        return .object(members)
    }

    private static func json(_ job: JobRecord, in world: World) -> JSON {
        let state =
            switch job.status {
            case .failed: "Failed"
            case .suspended: "Suspended"
            case .completed, .stopped: "Succeeded"
            case .new, .activating, .running: "Processing"
            }
        let time = { (date: Date?) in JSON.text(date.map(TimeText.offset)) }
        return [
            "id": .string(resourceID("jobs/\(job.name)", in: world)), "name": .string(job.name),
            "type": "Microsoft.Automation/AutomationAccounts/Jobs",
            "properties": [
                "jobId": .string(job.jobID), "creationTime": time(job.created),
                "provisioningState": .string(state), "status": .string(job.status.rawValue),
                "statusDetails": "None", "startedBy": .string(job.startedBy),
                "startTime": time(job.started), "endTime": time(job.ended),
                "lastModifiedTime": time(job.modified),
                "lastStatusModifiedTime": time(job.modified),
                "exception": .text(job.exception), "parameters": .object(job.parameters),
                "runOn": .text(job.runOn), "runbook": ["name": .string(job.runbook)],
            ],
        ]
    }
}

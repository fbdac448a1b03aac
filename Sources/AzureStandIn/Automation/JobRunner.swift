import Foundation
import Logging

/// Runs the script of a job, so that what arrived can be seen.
struct JobRunner: Sendable {
    static let pollInterval = Duration.milliseconds(50)

    let standIn: StandIn
    let directory: String
    let scratch: String
    let logger: Logger

    func run(_ name: String) async {
        do {
            guard let job = try await readyJob(name) else { return }
            let result = try await runScript(of: job)
            try await finish(name, result)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("A job could not be run", metadata: ["job": "\(name)"])
            await standIn.change { world in
                let time = world.now
                world.automation.jobs[name]?.status = .failed
                world.automation.jobs[name]?.exception = "The script could not be started."
                world.automation.jobs[name]?.ended = time
            }
        }
    }

    /// Waits until a worker of the group is alive, then for the start time.
    private func readyJob(_ name: String) async throws -> JobRecord? {
        while true {
            let state = await standIn.read { world in
                (world.automation.jobs[name], JobRunner.isWorkerAlive(for: name, in: world))
            }
            guard let job = state.0, job.status == .new else { return nil }
            if state.1 { break }
            try await Task.sleep(for: JobRunner.pollInterval)
        }
        try await setStatus(.activating, of: name)
        let wait = await standIn.read { $0.settings.jobStartSeconds }
        try await Task.sleep(for: .seconds(wait))
        guard await standIn.read({ $0.automation.jobs[name]?.status }) == .activating else {
            return nil
        }
        try await setStatus(.running, of: name)
        return await standIn.read { $0.automation.jobs[name] }
    }

    static func isWorkerAlive(for name: String, in world: World) -> Bool {
        guard let group = world.automation.jobs[name]?.runOn else { return true }
        let oldest = world.now.addingTimeInterval(-world.settings.workerSilenceSeconds)
        let workers = world.automation.workerGroups.first { $0.name == group }?.workers ?? []
        return workers.contains { $0.lastSeen >= oldest }
    }

    private func setStatus(_ status: JobRecord.Status, of name: String) async throws {
        await standIn.change { world in
            let time = world.now
            world.automation.jobs[name]?.status = status
            world.automation.jobs[name]?.modified = time
            if status == .running { world.automation.jobs[name]?.started = time }
        }
    }

    /// The parameters go in on standard input, never as arguments or in the environment.
    private func runScript(of job: JobRecord) async throws -> ChildProcess.Result {
        let script = await standIn.read { $0.automation.runbooks[job.runbook.lowercased()]?.script }
        guard let script else { throw StandInFailure("the runbook is gone") }
        let folder = "\(directory)/jobs/\(job.name)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let input: JSON = [
            "job": .string(job.name), "runbook": .string(job.runbook), "runOn": .text(job.runOn),
            "parameters": .object(job.decodedParameters),
            "rawParameters": .object(job.parameters),
        ]
        return try await ChildProcess.run(
            script,
            [],
            input: input.bytes,
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8",
                "REKEY_JOB": job.name, "REKEY_JOBS_DIRECTORY": "\(directory)/jobs",
            ],
            directory: folder,
            scratch: scratch
        )
    }

    private func finish(_ name: String, _ result: ChildProcess.Result) async throws {
        let status = await standIn.change { world in
            JobRunner.finish(name, result, in: &world)
        }
        try await standIn.note(
            api: "arm",
            operation: "jobStatus",
            [
                "kind": "jobStatus", "name": .string(name), "status": .string(status),
                "exitCode": .integer(Int(result.exitCode)),
            ]
        )
    }

    /// Errors do not make a job fail, as in Azure; an exit code does.
    static func finish(
        _ name: String,
        _ result: ChildProcess.Result,
        in world: inout World
    ) -> String {
        guard var job = world.automation.jobs[name] else { return "gone" }
        let time = world.now
        let record = { (type: String, line: Substring) in
            StreamRecord(
                id: UUID().uuidString.lowercased(),
                type: type,
                text: String(line),
                time: time
            )
        }
        job.output = String(decoding: result.output, as: UTF8.self)
        let errors = String(decoding: result.errors, as: UTF8.self)
        job.streams += job.output.split(separator: "\n").map { record("Output", $0) }
        job.streams += errors.split(separator: "\n").map { record("Error", $0) }
        job.exitCode = Int(result.exitCode)
        if job.status == .running {
            job.status = result.exitCode == 0 ? .completed : .failed
            job.exception =
                result.exitCode == 0
                ? nil : "The script ended with exit code \(result.exitCode)."
        }
        job.ended = time
        job.modified = time
        world.automation.jobs[name] = job
        return job.status.rawValue
    }
}

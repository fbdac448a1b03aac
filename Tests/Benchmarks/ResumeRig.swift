import Foundation
import Glibc
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts

/// Worker processes that are killed one after the other, on one broker and one journal.
struct ResumeRig: Sendable {
    /// What followed one kill.
    struct Kill: Sendable {
        let firstCall: Duration
        let lastCall: Duration
        let open: Int
        let resumed: Int
    }

    private static let virtualHost = "/resume"
    private static let limit = Duration.seconds(60)
    /// How long rotations are waited for that may have closed at the moment of the kill.
    private static let lastCallLimit = Duration.seconds(10)
    /// How long a worker works before it is killed, in milliseconds.
    private static let life = 300...900

    private let place: EchoPlace
    private let journalPath: String
    private let worldPath: String
    private let credentials: Int
    private let callMilliseconds: Int

    static func make(
        on rabbit: PrivateRabbitMQ,
        folder: JournalFolder,
        credentials: Int,
        callMilliseconds: Int
    ) async throws -> ResumeRig {
        try await rabbit.makeVirtualHost(virtualHost)
        return ResumeRig(
            place: EchoPlace(rabbit, virtualHost: virtualHost),
            journalPath: folder.journalPath,
            worldPath: try folder.makeFolder("world"),
            credentials: credentials,
            callMilliseconds: callMilliseconds
        )
    }

    /// Kills as many workers under a load of `rate` requests a second.
    func kills(_ times: Int, rate: Double) async throws -> [Kill] {
        let first = try start()
        try await eventually(within: Self.limit, "the worker works") {
            try Self.running(first)
            return !first.output.isEmpty
        }
        let client = RabbitMQBroker.forClient(at: place)
        return try await Companions.run([
            { try await client.run() }, { try await ask(client, rate: rate) },
        ]) {
            var (worker, kills) = (first, [Kill]())
            while kills.count < times {
                let (next, kill) = try await replace(worker)
                worker = next
                // Where all had just ended there was nothing to resume: once more.
                if let kill { kills.append(kill) }
            }
            worker.kill()
            return kills
        }
    }

    /// Kills one worker, starts the next, and waits until that goes on.
    private func replace(_ worker: ChildProcess) async throws -> (ChildProcess, Kill?) {
        try await Task.sleep(for: .milliseconds(Int.random(in: Self.life)))
        try await eventually(within: Self.limit, "a rotation is open") {
            try Self.running(worker)
            return !CallTrace(worker.output).open.isEmpty
        }
        let killedAt = BootTime.now() / .seconds(1)
        worker.signal(SIGKILL)
        while worker.isRunning { try await Task.sleep(for: .milliseconds(1)) }
        let next = try start()
        let last = CallTrace(worker.output)
        guard last.failed.isEmpty else { throw BenchFailure("rotations failed: \(last.failed)") }
        let open = last.open
        guard !open.isEmpty else { return (next, nil) }
        try await eventually(within: Self.limit, "the next process goes on") {
            try Self.running(next)
            return !CallTrace(next.output).firstCalls(of: open).isEmpty
        }
        // Not reached where one had closed and the line for it was not written any more, and where
        // one waits out the deadline of a vault write that may still land.
        try? await eventually(within: Self.lastCallLimit, "all went on") {
            CallTrace(next.output).firstCalls(of: open).count == open.count
        }
        let calls = CallTrace(next.output).firstCalls(of: open).values
        guard let firstCall = calls.min(), let lastCall = calls.max() else { return (next, nil) }
        let kill = Kill(
            firstCall: .seconds(firstCall - killedAt),
            lastCall: .seconds(lastCall - killedAt),
            open: open.count,
            resumed: calls.count
        )
        return (next, kill)
    }

    private func start() throws -> ChildProcess {
        let environment = ProcessInfo.processInfo.environment.merging([
            ResumeWorker.passwordVariable: place.password
        ]) { $1 }
        return try ChildProcess(
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            [
                "resume-worker", "--port", "\(place.port)", "--virtual-host", place.virtualHost,
                "--user", place.user, "--journal", journalPath, "--world", worldPath,
                "--credentials", "\(credentials)", "--call-milliseconds", "\(callMilliseconds)",
            ],
            environment: environment,
            lastSignal: .kill
        )
    }

    private static func running(_ worker: ChildProcess) throws {
        guard worker.isRunning else {
            throw BenchFailure("the worker ended: \(worker.errors.suffix(400))")
        }
    }

    /// Asks for one credential after the other, whether or not a worker is there.
    private func ask(_ client: RabbitMQBroker, rate: Double) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0... {
            try await clock.sleep(until: start + .seconds(Double(number) / rate))
            let credential = BenchCredential(number: number % credentials + 1)
            let outcome = await client.publish([
                .request(for: credential.id, number: number, eventBytes: Self.eventBytes)
            ])
            guard outcome == [.confirmed] else {
                throw BenchFailure("a request was not confirmed: \(outcome)")
            }
        }
    }

    private static let eventBytes = 1024
}

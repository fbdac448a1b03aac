import Foundation
import InMemoryTarget
import InMemoryVault
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// A worker with many secrets, on one broker, started again and again on one journal.
struct EstateRig: Sendable {
    private static let virtualHost = "/estate"
    private static let window = 64
    private static let limit = Duration.seconds(1_800)
    private static let day = 86_400.0
    /// As far as nobody waits for.
    private static let graceSeconds = 30 * day

    let place: EchoPlace
    let folder: JournalFolder
    let credentials: [BenchCredential]
    let vault: InMemoryVault
    let estate: BenchEstate
    let turns: Int

    static func make(
        on rabbit: PrivateRabbitMQ,
        _ folder: JournalFolder,
        secrets: Int,
        turns: Int
    ) async throws -> EstateRig {
        try await rabbit.makeVirtualHost(virtualHost)
        let vault = InMemoryVault(name: BenchCredential.vault)
        let credentials = (1...secrets).map { BenchCredential(number: $0) }
        for credential in credentials {
            await vault.place(credential.document, as: credential.carrier)
        }
        return EstateRig(
            place: EchoPlace(rabbit, virtualHost: virtualHost),
            folder: folder,
            credentials: credentials,
            vault: vault,
            estate: estate(of: credentials, vault, graceSeconds: graceSeconds),
            turns: turns
        )
    }

    static func estate(
        of credentials: [BenchCredential],
        _ vault: any Vault,
        staging: any Vault = InMemoryVault(name: BenchCredential.stagingVault),
        graceSeconds: Double
    ) -> BenchEstate {
        var targets: [TargetName: any Target] = [:]
        for credential in credentials {
            targets[credential.target] = InMemoryTarget(
                strategy: .alternate,
                accounts: credential.accounts,
                accepting: [credential.current]
            )
        }
        return BenchEstate(
            credentials,
            vaults: [BenchCredential.vault: vault, BenchCredential.stagingVault: staging],
            targets: targets,
            graceSeconds: graceSeconds
        )
    }

    /// Runs a worker until `body` is done, and gives it its counts.
    func withWorker<Result: Sendable>(
        on journalPath: String,
        _ estate: BenchEstate? = nil,
        _ body: @escaping @Sendable (EstateCounts, RabbitMQBroker) async throws -> Result
    ) async throws -> Result {
        let journal = try SQLiteJournal.open(path: journalPath, clock: SystemClock())
        let counts = EstateCounts()
        let broker = RabbitMQBroker.forWorker(at: place, window: Self.window)
        let worker = Worker.measured(
            estate ?? self.estate,
            journal: EstateJournal(base: journal, counts: counts),
            broker: broker,
            turnsAtOnce: turns
        )
        let result = try await Companions.run([{ try await worker.run() }]) {
            try await body(counts, broker)
        }
        try await journal.close()
        return result
    }

    /// The first look at every secret.
    func adopt() async throws {
        try await withWorker(on: folder.journalPath) { counts, _ in
            try await eventually(within: Self.limit, "all are adopted") { counts.sweeps > 0 }
        }
    }

    func restart() async throws -> EstateResult.Restart {
        let clock = ContinuousClock()
        let start = clock.now
        return try await withWorker(on: folder.journalPath) { counts, broker in
            while !broker.state.isConsuming || !broker.state.isPublishing {
                try await clock.sleep(for: .milliseconds(2))
            }
            let ready = start.duration(to: clock.now)
            while counts.sweeps == 0 { try await clock.sleep(for: .milliseconds(2)) }
            let swept = start.duration(to: clock.now)
            // Whatever a restart set off would begin by now.
            try await clock.sleep(for: .seconds(3))
            return EstateResult.Restart(
                readySeconds: ready / .seconds(1),
                sweptSeconds: swept / .seconds(1),
                rotationsBegun: counts.begun
            )
        }
    }

    /// All become due, half of them first, and many events tell of each.
    func flood(copies: Int) async throws -> EstateResult.Flood {
        let clock = ContinuousClock()
        let start = clock.now
        let half = credentials.count / 2
        var begun = 0
        for part in [credentials[..<half], credentials[half...]] {
            begun += try await withWorker(on: folder.journalPath) { counts, _ in
                let events = try await tell(of: Array(part), copies: copies)
                try await eventually(within: Self.limit, "every event is taken") {
                    counts.received >= events && counts.completed >= part.count
                }
                try await eventually(within: Self.limit, "nothing is left to do") {
                    counts.isQuiet(for: 3)
                }
                return counts.begun
            }
            if part.startIndex == 0 {
                try FileManager.default.copyItem(atPath: folder.journalPath, toPath: halfPath)
            }
        }
        return EstateResult.Flood(
            events: credentials.count * copies,
            rotationsBegun: begun,
            seconds: start.duration(to: clock.now) / .seconds(1)
        )
    }

    private var halfPath: String { folder.journalPath + "-half" }

    /// Publishes the events, and returns how many.
    private func tell(of part: [BenchCredential], copies: Int) async throws -> Int {
        var publications: [Publication] = []
        for credential in part {
            let entry = credential.document(endingIn: 10 * Self.day)
            let version = await vault.place(entry, as: credential.carrier)
            for copy in 0..<copies {
                // Half of them are the same event again, the others tell of it anew.
                let number = copy < copies / 2 ? 0 : copy
                publications.append(.hint(of: version, credential, number: number))
            }
        }
        try await publish(publications)
        return publications.count
    }

    func publish(_ publications: [Publication]) async throws {
        let client = RabbitMQBroker.forClient(at: place)
        try await Companions.run([{ try await client.run() }]) {
            try await eventually(within: Self.limit, "a client is connected") {
                client.state.isPublishing
            }
            for start in stride(from: 0, to: publications.count, by: Self.batch) {
                let end = min(start + Self.batch, publications.count)
                let outcomes = await client.publish(Array(publications[start..<end]))
                guard outcomes.allSatisfy({ $0 == .confirmed }) else {
                    throw BenchFailure("an event was not confirmed")
                }
            }
        }
    }

    private static let batch = 256

    /// Two processes, one with half of the waiting rotations.
    func memory() async throws -> EstateResult.Memory {
        let half = credentials.count / 2
        var found: [Int] = []
        for path in [halfPath, folder.journalPath] {
            let child = try ChildProcess(
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
                [
                    "estate-worker", "--port", "\(place.port)", "--virtual-host",
                    place.virtualHost, "--user", place.user, "--journal", path, "--credentials",
                    "\(credentials.count)",
                ],
                environment: ProcessInfo.processInfo.environment.merging([
                    ResumeWorker.passwordVariable: place.password
                ]) { $1 },
                lastSignal: .kill
            )
            try await eventually(within: Self.limit, "a worker says how large it is") {
                guard child.isRunning || !child.output.isEmpty else {
                    throw BenchFailure("a worker ended: \(child.errors.suffix(400))")
                }
                return child.output.contains("\n")
            }
            let line = child.output.split(separator: "\n").first ?? ""
            child.kill()
            while child.isRunning { try await Task.sleep(for: .milliseconds(10)) }
            guard let size = Int(line) else { throw BenchFailure("no size: \(line)") }
            found.append(size)
        }
        return EstateResult.Memory(
            waiting: [half, credentials.count],
            rssAnonKiB: found,
            bytesPerRotation: (found[1] - found[0]) * 1_024 / (credentials.count - half)
        )
    }
}

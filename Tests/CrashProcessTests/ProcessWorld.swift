import AzureKeyVault
import CrashSupport
import Foundation
import PostgresJournal
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import SQLiteJournal
import Synchronization

@testable import crashing_worker

/// What one credential's rotation touches: it outlives the worker processes.
final class ProcessWorld: Sendable {
    let name: String
    let file: WorldFile
    let workload: FileWorkload
    let vault: AzureKeyVault
    let target: any Target
    let format: ValueFormat
    private let roles: RoleList?
    private let directory: TemporaryDirectory
    private let path: String
    private let reader = Mutex<(any JournalReader)?>(nil)
    /// How long the trace was when a worker died, until its successor makes a call.
    private let deadSince = Mutex<Int?>(nil)

    /// `roles` lists what is accepted, where the target is a PostgreSQL server.
    init(
        name: String,
        file: WorldFile,
        roles: RoleList?,
        directory: TemporaryDirectory
    ) async throws {
        self.name = name
        self.file = file
        self.roles = roles
        self.directory = directory
        path = directory.file("world.json")
        try JSONEncoder().encode(file).write(to: URL(fileURLWithPath: path))
        // The observer's own eyes: it is in another process than the worker.
        let access = AzureParts(file.azure)
        vault = try access.vault()
        if let postgres = file.postgres {
            var settings = postgres.settings
            // Without TLS it can look more often; the server is on loopback.
            settings.tls = .disabled
            target = PostgresTarget(settings)
            format = .url
        } else {
            target = try access.application(file.applicationID ?? "", agreeingReads: 1)
            format = .bare
        }
        workload = FileWorkload(path: file.workload)
        let secret = SecretName(WorldFile.secret)
        guard let first = try await vault.latest(secret) else {
            throw PartFailure("the vault of \(name) is empty")
        }
        try workload.hold([CarrierVersion(vault: "app", name: secret, version: first.id)])
    }

    /// Starts a worker process that dies at `point`, or none does.
    func startWorker(_ point: SeamPoint?) throws -> ChildProcess {
        let isSuccessor = FileManager.default.fileExists(atPath: file.trace)
        deadSince.withLock { $0 = isSuccessor ? traceLength : nil }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (program as NSString).deletingLastPathComponent
        var environment = ProcessInfo.processInfo.environment
        environment[WorldFile.variable] = point?.description
        let worker = (folder as NSString).appendingPathComponent("crashing-worker")
        // The observer has to come to its looks, however much three workers compute.
        return try ChildProcess("nice", [worker, path], environment: environment)
    }

    /// Whether a worker has died, and its successor has not called anything yet.
    var isWorkerDead: Bool {
        deadSince.withLock { length in
            if let before = length, traceLength > before { length = nil }
            return length != nil
        }
    }

    /// How many credentials the target accepts.
    func acceptedCount() async throws -> Int {
        if let roles { return try await roles.acceptedCount(of: file.postgres?.accounts ?? []) }
        return try await target.inspect(current: nil).accepted.count
    }

    /// The rotation, once there is one.
    func rotation() async throws -> Rotation? {
        try await openReader()?.rotations(RotationQuery(limit: 1)).first
    }

    /// Whether the rotation is over, and nothing is left to do.
    func isOver() async throws -> Bool {
        guard let reader = try await openReader() else { return false }
        let counts = try await reader.counts()
        guard counts.openRotations == 0, counts.unsentOutbox == 0, counts.waitingInbox == 0 else {
            return false
        }
        return try await rotation()?.isOver == true
    }

    func debts() async throws -> [Debt] {
        try await openReader()?.debts(unpaidOnly: true) ?? []
    }

    /// Nothing until a worker has made the journal.
    private func openReader() async throws -> (any JournalReader)? {
        if let known = reader.withLock({ $0 }) { return known }
        guard traceLength > 0 else { return nil }
        let opened: any JournalReader
        if let database = file.journalDatabase {
            opened = try await PostgresJournalReader.open(database.settings)
        } else {
            opened = try SQLiteJournalReader.open(path: file.journal, clock: SystemTime())
        }
        reader.withLock { $0 = opened }
        return opened
    }

    private var traceLength: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.trace)
        return attributes?[.size] as? Int ?? 0
    }

    /// How often each call was made, by all workers so far.
    var counts: [String: Int] {
        let text = (try? String(contentsOfFile: file.trace, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }

    /// The credential in a version of the vault.
    func credential(_ version: VersionID) async throws -> Credential {
        let secret = SecretName(WorldFile.secret)
        guard let value = try await vault.version(version, of: secret)?.value else {
            throw PartFailure("version \(version) has no value")
        }
        let found = try format.credential(in: value)
        return Credential(account: found.account, secret: found.secret)
    }
}

/// The clock of a reader, which waits for nothing.
struct SystemTime: RekeyPorts.Clock {
    var now: Date { Date() }
    var bootSeconds: Double { ProcessInfo.processInfo.systemUptime }
    func sleep(until date: Date) async throws { try Task.checkCancellation() }
}

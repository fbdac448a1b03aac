import AzureKeyVault
import CrashSupport
import Foundation
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
    private let directory: TemporaryDirectory
    private let path: String

    init(name: String, file: WorldFile, directory: TemporaryDirectory) async throws {
        self.name = name
        self.file = file
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
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (program as NSString).deletingLastPathComponent
        var environment = ProcessInfo.processInfo.environment
        environment[WorldFile.variable] = point?.description
        let worker = (folder as NSString).appendingPathComponent("crashing-worker")
        return try ChildProcess(worker, [path], environment: environment)
    }

    /// The rotation, once there is one, and whether nothing is left to do.
    func rotation() async throws -> (Rotation?, isIdle: Bool) {
        guard FileManager.default.fileExists(atPath: file.journal) else { return (nil, false) }
        let reader = try SQLiteJournalReader.open(path: file.journal, clock: SystemTime())
        let rotation = try await reader.rotations(RotationQuery(limit: 1)).first
        let counts = try await reader.counts()
        let isIdle = counts.unsentOutbox == 0 && counts.waitingInbox == 0
        return (rotation, rotation?.isOver == true && isIdle)
    }

    func debts() async throws -> [Debt] {
        let reader = try SQLiteJournalReader.open(path: file.journal, clock: SystemTime())
        return try await reader.debts(unpaidOnly: true)
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

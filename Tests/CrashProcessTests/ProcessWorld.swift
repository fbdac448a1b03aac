import AzureKeyVault
import CrashSupport
import Foundation
import PostgresJournal
import PostgresTarget
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import SQLiteJournal
import StandInParts
import Synchronization

@testable import crashing_worker

/// What one credential's rotation touches: it outlives the worker processes.
final class ProcessWorld: Sendable {
    let name: String
    let file: WorldFile
    let definition: CredentialDefinition
    let workload: FileWorkload
    let vault: AzureKeyVault
    /// `valueOnly` has none.
    let target: (any Target)?
    /// What the carriers hold at first, by their names.
    let first: [SecretName: VersionID]
    private let roles: PostgresObserver?
    private let directory: TemporaryDirectory
    private let path: String
    private let reader = Mutex<(any JournalReader)?>(nil)
    private let lists = Mutex<[VersionID: [Secret]]>([:])
    private let credentials = Mutex<[VersionID: Credential]>([:])
    /// How long the trace was when a worker died, until its successor makes a call.
    private let deadSince = Mutex<Int?>(nil)

    /// `roles` lists what is accepted, where the target is a PostgreSQL server.
    init(
        name: String,
        file: WorldFile,
        roles: PostgresObserver?,
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
        let vault = try access.vault()
        if let postgres = file.postgres {
            var settings = postgres.settings
            // Without TLS it can look more often; the server is on loopback.
            settings.tls = .disabled
            target = PostgresTarget(settings)
        } else if let id = file.applicationID {
            target = try access.application(id, agreeingReads: 1)
        } else {
            target = file.keys.map { LoggedKeys(path: $0) }
        }
        self.vault = vault
        definition = file.definition
        workload = file.workload(WorldFile.caller)
        var first: [SecretName: VersionID] = [:]
        for carrier in definition.carriers {
            let name = carrier.reference.name
            guard let version = try await vault.latest(name) else {
                throw PartFailure("the vault of \(name) is empty")
            }
            first[name] = version.id
        }
        self.first = first
        let held = definition.carriers.map(\.reference.name).compactMap { name in
            first[name].map { CarrierVersion(vault: "app", name: name, version: $0) }
        }
        for planned in definition.workloads { try file.workload(planned.name).hold(held) }
    }

    /// Starts a worker process that dies at `point`, or stands still at the other; nil for none.
    func startWorker(
        _ point: SeamPoint?,
        standingAt standstill: SeamPoint? = nil
    ) throws -> ChildProcess {
        let isSuccessor = FileManager.default.fileExists(atPath: file.trace)
        deadSince.withLock { $0 = isSuccessor ? traceLength : nil }
        var environment = ProcessInfo.processInfo.environment
        environment[WorldFile.variable] = point?.description
        environment[WorldFile.standstillVariable] = standstill?.description
        let worker = try BuiltProgram.path("crashing-worker")
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

    /// How many credentials the target accepts, or those who check a value without one.
    func acceptedCount() async throws -> Int {
        if let roles { return try await roles.acceptedCount(of: file.postgres?.accounts ?? []) }
        if let target { return try await target.inspect(current: nil).accepted.count }
        return try await acceptedValues(at: version(of: WorldFile.gate)).count
    }

    /// Whether whoever holds `version` gets in, by the target or by those who check without one.
    func accepts(_ version: VersionID) async throws -> Bool {
        let credential = try await credential(version)
        if let target { return try await target.accepts(credential) }
        return try await acceptedValues(at: self.version(of: WorldFile.gate))
            .contains(credential.secret)
    }

    /// The version of its own carrier that a workload holds.
    func version(of workload: WorkloadName) throws -> VersionID {
        let name = workload == WorldFile.gate ? WorldFile.verifiers : WorldFile.secret
        let held = file.workload(workload).held?.versions.first { $0.name == SecretName(name) }
        guard let held else { throw PartFailure("\(workload) holds nothing") }
        return held.version
    }

    private func acceptedValues(at version: VersionID) async throws -> [Secret] {
        if let known = lists.withLock({ $0[version] }) { return known }
        let found = try await vault.version(version, of: SecretName(WorldFile.verifiers))
        let values = found?.value?.bytes.split(separator: UInt8(ascii: ",")) ?? []
        let secrets = values.map { Secret(copying: $0) }
        lists.withLock { $0[version] = secrets }
        return secrets
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

    /// What workers that stood still noted of themselves.
    func notes() throws -> [String] {
        guard FileManager.default.fileExists(atPath: file.notes) else { return [] }
        let text = try String(contentsOfFile: file.notes, encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    /// How often each call was made, by all workers so far.
    var counts: [String: Int] {
        let text = (try? String(contentsOfFile: file.trace, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }

    /// The credential in a version of the carrier that the callers read.
    private func credential(_ version: VersionID) async throws -> Credential {
        if let known = credentials.withLock({ $0[version] }) { return known }
        let carrier = definition.carriers.first {
            $0.reference.name == SecretName(WorldFile.secret)
        }
        guard let carrier,
            let value = try await vault.version(version, of: carrier.reference.name)?.value
        else { throw PartFailure("version \(version) has no value") }
        let found = try carrier.format.credential(in: value)
        let credential = Credential(account: found.account, secret: found.secret)
        credentials.withLock { $0[version] = credential }
        return credential
    }

    /// Every completion that an outsider heard, as it was told.
    func completions() async throws -> [CloudEvent] {
        let told = try await RabbitMQParkingLot(settings: file.broker.settings)
            .list(WorldFile.witness, limit: 100)
        return try told.map { try CloudEvent(decoding: $0.body) }
    }
}

/// The clock of a reader, which waits for nothing.
struct SystemTime: RekeyPorts.Clock {
    var now: Date { Date() }
    var bootSeconds: Double { ProcessInfo.processInfo.systemUptime }
    func sleep(until date: Date) async throws { try Task.checkCancellation() }
}

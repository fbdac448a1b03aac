import ArgumentParser
import Foundation
import RabbitMQBroker
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// The process that `resume` kills: a real worker that writes a line for each call it makes.
struct ResumeWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume-worker",
        abstract: "The worker that resume kills.",
        shouldDisplay: false
    )

    /// Where the broker's password comes from.
    static let passwordVariable = "BENCH_RABBITMQ_PASSWORD"

    @Option var port: Int
    @Option var virtualHost: String
    @Option var user: String
    @Option var journal: String
    @Option var world: String
    @Option var credentials: Int
    @Option var callMilliseconds: Int

    func run() async throws {
        guard let password = ProcessInfo.processInfo.environment[Self.passwordVariable] else {
            throw ValidationError("\(Self.passwordVariable) is not set")
        }
        let place = EchoPlace(
            host: "127.0.0.1",
            port: port,
            virtualHost: virtualHost,
            user: user,
            password: password
        )
        let journal = try SQLiteJournal.open(path: journal, clock: SystemClock())
        let book = RotationBook()
        let query = RotationQuery(openOnly: true, limit: credentials)
        for rotation in try await journal.reader.rotations(query) {
            book[rotation.plan.credential] = rotation.id
        }
        let worker = Worker.measured(
            estate(book),
            journal: TracingJournal(base: journal, book: book),
            broker: RabbitMQBroker.forWorker(at: place, window: Self.window)
        )
        try await worker.run()
    }

    /// Vaults and targets in files, that write a line before each call and then take their time.
    private func estate(_ book: RotationBook) -> BenchEstate {
        let all = (1...credentials).map { BenchCredential(number: $0) }
        var owners: [SecretName: CredentialID] = [:]
        var documents: [SecretName: VaultEntry] = [:]
        var targets: [TargetName: any Target] = [:]
        let pause = Duration.milliseconds(callMilliseconds)
        let note = { @Sendable (credential: CredentialID?, call: String) async in
            let rotation = credential.flatMap { book[$0] }
            Report.line("\(CallTrace.Line(.call, rotation, call))")
            // Cancelled when the worker ends: the call is then made at once.
            try? await Task.sleep(for: pause)
        }
        for credential in all {
            let id = credential.id
            owners[credential.carrier] = id
            owners[credential.staged] = id
            documents[credential.carrier] = credential.document
            let target = FileTarget(credential, in: world)
            targets[credential.target] = WatchedTarget(base: target) { call in
                await note(id, "target.\(call.rawValue)")
            }
        }
        let owner = owners
        let vault = WatchedVault(base: FileVault(in: world, initial: documents)) { call, name in
            await note(owner[name], "vault.\(call)")
        }
        return BenchEstate(
            all,
            vaults: [BenchCredential.vault: vault, BenchCredential.stagingVault: vault],
            targets: targets
        )
    }

    private static let window = 64
}

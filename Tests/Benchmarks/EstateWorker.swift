import ArgumentParser
import Foundation
import Glibc
import InMemoryVault
import RabbitMQBroker
import RekeyWorker
import SQLiteJournal

/// The process whose memory `estate` measures: a real worker with rotations that wait.
struct EstateWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estate-worker",
        abstract: "The worker whose memory estate measures.",
        shouldDisplay: false
    )

    @Option var port: Int
    @Option var virtualHost: String
    @Option var user: String
    @Option var journal: String
    @Option var credentials: Int

    func run() async throws {
        let variable = ResumeWorker.passwordVariable
        guard let password = ProcessInfo.processInfo.environment[variable] else {
            throw ValidationError("\(variable) is not set")
        }
        let place = EchoPlace(
            host: "127.0.0.1",
            port: port,
            virtualHost: virtualHost,
            user: user,
            password: password
        )
        let all = (1...credentials).map { BenchCredential(number: $0) }
        let vault = InMemoryVault(name: BenchCredential.vault)
        for credential in all { await vault.place(credential.document, as: credential.carrier) }
        let counts = EstateCounts()
        let worker = Worker.measured(
            EstateRig.estate(of: all, vault, graceSeconds: 30 * 86_400),
            journal: EstateJournal(
                base: try SQLiteJournal.open(path: journal, clock: SystemClock()),
                counts: counts
            ),
            broker: RabbitMQBroker.forWorker(at: place, window: 64)
        )
        try await Companions.run([{ try await worker.run() }]) {
            while counts.sweeps == 0 || worker.busyCount > 0 || !counts.isQuiet(for: 5) {
                try await Task.sleep(for: .milliseconds(100))
            }
            Report.line("\(try ProcessFigures(of: getpid()).rssAnonKiB)")
            // Until it is killed.
            try await Task.sleep(for: .seconds(86_400))
        }
    }
}

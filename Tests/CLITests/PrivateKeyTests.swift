import Foundation
import RealParts
import RekeyConfiguration
import RekeyCore
import RekeyWorker
import SQLiteJournal
import Testing

@testable import rekey

/// Whoever only looks has the definitions and the journal, and no key.
@Suite(.timeLimit(.minutes(2))) struct `A command without private keys` {
    private func run(
        _ arguments: [String],
        _ configuration: String
    ) async throws
        -> ChildProcess.Outcome
    {
        try await ChildProcess.run(
            try BuiltProgram.path("rekey"),
            arguments + ["--config", configuration]
        )
    }

    @Test func `shows what is in journal and definitions`() async throws {
        let folder = try TemporaryDirectory("keys")
        let path = folder.file("journal.db")
        let journal = try SQLiteJournal.open(path: path, clock: SystemClock())
        let file = try folder.write(Unreadable.text(journal: path), to: "rekey.yaml")
        for command in [
            ["status"], ["history"], ["topology", "show"], ["topology", "export"],
            ["audit", "verify"],
        ] {
            let outcome = try await run(command, file)
            #expect(outcome.exit == .code(0), "\(command): \(outcome.errors)")
        }
        withExtendedLifetime(journal) {}
    }

    @Test func `does not act`() async throws {
        let folder = try TemporaryDirectory("keys")
        let path = folder.file("journal.db")
        let file = try folder.write(Unreadable.text(journal: path), to: "rekey.yaml")
        for command in ["run", "worker"] {
            let outcome = try await run([command], file)
            #expect(outcome.exit == .code(Problem.configuration))
            #expect(outcome.errors.contains("azure.pem cannot be opened"), "\(outcome.errors)")
            #expect(outcome.errors.contains("`azure.identity.certificate`"), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `looks at targets without a hook's key`() throws {
        let text = Unreadable.text().replacing(
            "    certificate:\n      client",
            with: "    clientSecret:\n      secret: env:NOBODYS\n      client"
        )
        let lines = text.split(separator: "\n").filter { !$0.contains("/azure.") }
        let assembly = Assembly(try .parse(lines.joined(separator: "\n")))
        let readers = try assembly.makeReaders()
        #expect(readers.targets.count == 1)
        #expect(readers.hooks.isEmpty)
        let problem = #expect(throws: Problem.self) { try assembly.makeAdapters() }
        #expect(problem?.code == Problem.configuration)
        #expect(problem?.lines.first?.contains("cairo.pem cannot be opened") == true)
    }
}

import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey recover`: where the journal and the vaults tell different things.
///
/// It only reads, unless it is told to rebuild.
struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares the journal with the vaults' tags, and lists what differs.",
        discussion: """
            Without --rebuild it changes nothing. A sequence ahead of the journal's means that \
            the journal is old or lost, and every rotation of that secret is declined meanwhile. \
            --rebuild asks the worker to build sequence and account anew from the vaults' tags, \
            and what has to be revoked from the target. What no tag and no target shows, such as \
            who was told of the last value, is not known afterwards.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Flag(help: "Build the journal's records of what differs anew.")
    var rebuild = false

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        let finder = FactFinder(
            adapters: try assembly.makeReaders().readOnly,
            installation: assembly.settings.installation
        )
        let owed = try await reader.debts(unpaidOnly: true)
        var differences = 0
        var differing: [CredentialID] = []
        var failures = 0
        for definition in assembly.settings.definitions {
            let record = try await reader.credential(definition.id)
            do {
                let facts = try await finder.facts(about: definition, record: record, running: nil)
                var lines = Self.differences(definition, record, facts)
                lines += try await Self.forgotten(definition, facts, finder, owed)
                for line in lines { Console.line("\(definition.id): \(line)") }
                differences += lines.count
                if !lines.isEmpty { differing.append(definition.id) }
            } catch {
                failures += 1
                Console.line("\(definition.id): cannot be read: \(error.reason)")
            }
        }
        for debt in owed {
            Console.line("\(debt.credential): owed: \(debt.account) is still accepted")
        }
        let refused = rebuild ? try await rebuild(differing, assembly) : 0
        if failures > 0 {
            throw Problem("\(failures) secrets cannot be read", code: Problem.outsideSystem)
        }
        if refused > 0 {
            throw Problem(
                "\(refused) records were not built anew",
                hint: "each is declined until it is; the others were"
            )
        }
        if rebuild { return }
        guard differences == 0 else {
            throw Problem(
                "\(differences) differences between journal and vaults",
                hint: "put the newest copy of the journal back, or `rekey recover --rebuild`"
            )
        }
        Console.line("the journal and the vaults agree")
    }

    /// Asks the worker for each secret in turn, also after one that it refused; answers how many
    /// it did.
    private func rebuild(_ differing: [CredentialID], _ assembly: Assembly) async throws -> Int {
        var refused = 0
        for id in differing {
            var content = EventContent()
            content.secret = id.text
            let request = CommandRequest("recover", about: id.text, content)
            if let refusal = try await request.refusal(assembly, answer) {
                refused += 1
                for line in refusal.lines { Console.line(line) }
            }
        }
        Console.line("\(differing.count - refused) records were built anew")
        return refused
    }

    /// What the target accepts, is ours, and is on no list.
    private static func forgotten(
        _ definition: CredentialDefinition,
        _ facts: AdmissionFacts,
        _ finder: FactFinder,
        _ owed: [Debt]
    ) async throws(StepFailure) -> [String] {
        let found = try await finder.debts(of: definition, given: facts, at: Date())
        let known = Set(owed.filter { $0.credential == definition.id }.map(\.account))
        return found.filter { !known.contains($0.account) }
            .map { "\($0.account) is accepted, and the journal does not know of it" }
    }

    static func differences(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord?,
        _ facts: AdmissionFacts
    ) -> [String] {
        var lines: [String] = []
        let known = record?.sequence ?? 0
        if known >= RekeyTag.endOfSequences {
            lines.append(
                "the journal's sequence \(known) is no number that Rekey wrote, and nothing "
                    + "rotates after it"
            )
        }
        for (carrier, fact) in zip(definition.carriers, facts.carriers) {
            if let owner = fact.foreignOwner {
                lines.append("\(carrier.reference) is owned by installation \(owner)")
            }
            if let sequence = fact.sequence, sequence > known {
                lines.append(
                    "\(carrier.reference) has sequence \(sequence), the journal \(known): "
                        + "the journal is old or lost"
                )
            }
        }
        if !facts.carriersAgree { lines.append("the carriers hold different credentials") }
        if let account = record?.account, let found = facts.previousAccount, account != found {
            lines.append("the journal says account \(account), the vault \(found)")
        }
        return lines
    }
}

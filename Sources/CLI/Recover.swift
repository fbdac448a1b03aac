import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey recover`: where the journal and the vaults tell different things.
///
/// It only reads.
struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares the journal with the vaults' tags, and lists what differs.",
        discussion: """
            It changes nothing. A sequence ahead of the journal's means that the journal is old \
            or lost, and every rotation of that secret is declined meanwhile.
            """
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let assembly = try Assembly(try configuration.load())
        let reader = try assembly.openReader(SystemClock())
        let finder = FactFinder(
            adapters: assembly.adapters.readOnly,
            installation: assembly.settings.installation
        )
        var differences = 0
        var failures = 0
        for definition in assembly.settings.definitions {
            let record = try await reader.credential(definition.id)
            do {
                let facts = try await finder.facts(about: definition, record: record, running: nil)
                let lines = Self.differences(definition, record, facts)
                for line in lines { Console.line("\(definition.id): \(line)") }
                differences += lines.count
            } catch {
                failures += 1
                Console.line("\(definition.id): cannot be read: \(error.reason)")
            }
        }
        for debt in try await reader.debts(unpaidOnly: true) {
            Console.line("\(debt.credential): owed: \(debt.account) is still accepted")
        }
        if failures > 0 {
            throw Problem("\(failures) secrets cannot be read", code: Problem.outsideSystem)
        }
        guard differences == 0 else {
            throw Problem(
                "\(differences) differences between journal and vaults",
                hint: "put the newest copy of the journal back"
            )
        }
        Console.line("the journal and the vaults agree")
    }

    private static func differences(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord?,
        _ facts: AdmissionFacts
    ) -> [String] {
        var lines: [String] = []
        let known = record?.sequence ?? 0
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

import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey plan`: what a rotation would do and why.
///
/// It only reads.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a rotation would do, and where each setting came from."
    )

    @OptionGroup var configuration: ConfigurationOption
    @Argument(help: "A secret's name; all secrets where left out.")
    var secret: String?

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let chosen = assembly.settings.secrets.filter {
            secret.map($0.definition.answers(to:)) ?? true
        }
        guard !chosen.isEmpty else {
            let known = assembly.settings.definitions.map(\.id.text).joined(separator: ", ")
            throw Problem(
                "no secret is called \(secret ?? "")",
                hint: "there are: \(known)",
                code: Problem.usage
            )
        }
        let finder = FactFinder(
            adapters: try assembly.makeReaders().readOnly,
            installation: assembly.settings.installation
        )
        var failures = 0
        for secret in chosen {
            let definition = secret.definition
            Console.line("\(definition.id): \(definition.strategy)")
            do {
                let facts = try await finder.facts(about: definition, record: nil, running: nil)
                show(definition, facts)
            } catch {
                failures += 1
                Console.line("  cannot be planned: \(error.reason)")
            }
            for line in secret.policy.lines { Console.line("  \(line)") }
        }
        if failures > 0 {
            throw Problem(
                "\(failures) of \(chosen.count) secrets cannot be planned",
                hint: "see `rekey check`",
                code: Problem.outsideSystem
            )
        }
    }

    private func show(_ definition: CredentialDefinition, _ facts: AdmissionFacts) {
        for (carrier, fact) in zip(definition.carriers, facts.carriers) {
            let end = fact.expires.map(Timestamp.text) ?? "never"
            let version = fact.latest?.text ?? "none"
            Console.line("  carrier \(carrier.reference), version \(version), ends \(end)")
        }
        if let account = facts.previousAccount {
            let next = facts.candidateAccount.map { ", next \($0)" } ?? ""
            Console.line("  account now \(account)\(next)")
        }
        if let due = Admission.dueDate(of: definition, given: facts) {
            Console.line("  due \(Timestamp.text(due))")
        }
        let steps = definition.strategy.phases.map { phase in
            phase.map(\.rawValue).joined(separator: " → ")
        }
        Console.line("  steps \(steps.joined(separator: " | "))")
        if !definition.strategy.overlaps {
            Console.line("  gap: from apply to the last reload; `alternate` would have none")
        }
    }
}

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
        let reader = await reader(of: assembly)
        var failures = 0
        for secret in chosen {
            let definition = secret.definition
            let known = try await knowledge(of: definition, in: reader)
            Console.line("\(definition.id): \(definition.strategy)")
            do {
                show(definition, try await finder.outlook(of: definition, known, at: Date()))
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

    /// Nil where there is no journal to read, of which it tells.
    private func reader(of assembly: Assembly) async -> (any JournalReader)? {
        do {
            return try await assembly.openReader(SystemClock())
        } catch {
            Console.line("without the journal, as if nothing were under way or owed: \(error)")
            return nil
        }
    }

    private func knowledge(
        of definition: CredentialDefinition,
        in reader: (any JournalReader)?
    ) async throws -> JournalFacts {
        guard let reader else { return JournalFacts() }
        return try await JournalFacts(about: definition, in: reader)
    }

    private func show(_ definition: CredentialDefinition, _ outlook: Outlook) {
        let facts = outlook.facts
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
        Console.line("  begins if asked for: \(outlook.asked.text)")
        Console.line("  begins by itself: \(outlook.unasked.text)")
        let steps = definition.strategy.phases.map { phase in
            phase.map(\.rawValue).joined(separator: " → ")
        }
        Console.line("  steps \(steps.joined(separator: " | "))")
        if !definition.strategy.overlaps {
            Console.line("  gap: from apply to the last reload; `alternate` would have none")
        }
    }
}

extension Admission {
    /// Whether a rotation begins now, in words.
    fileprivate var text: String {
        switch self {
        case .accept: "yes"
        case .coalesce(let running): "no, \(running) is under way"
        case .later(let until, let why, _): "no, \(why); not before \(Timestamp.text(until))"
        case .decline(let why): "no, \(why)"
        }
    }
}

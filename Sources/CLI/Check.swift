import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey check`: everything that Rekey will touch, without touching it.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the configuration, and looks at everything it names without changing it."
    )

    @OptionGroup var configuration: ConfigurationOption
    @Flag(help: "Only read the configuration, and ask no outside system.")
    var offline = false

    func run() async throws {
        let settings = try configuration.load()
        for warning in settings.warnings { Console.line("warning: \(warning)") }
        Console.line("configuration: \(settings.definitions.count) secrets, no mistakes")
        guard !offline else { return }
        let assembly = Assembly(settings)
        // Shown at once: without a key or a certificate nothing else can be looked at.
        let own = await OwnInspection(assembly).findings() + assembly.journalFindings()
        show(own)
        let adapters = try assembly.makeAdapters().readOnly
        let others = await Inspection(adapters, settings).findings()
        show(others)
        let findings = own + others
        let problems = findings.filter { $0.severity == .problem }
        guard problems.isEmpty else {
            throw Problem(
                "\(problems.count) problem\(problems.count == 1 ? "" : "s") found",
                hint: "the lines above name each one",
                code: Problem.outsideSystem
            )
        }
        Console.line("everything was looked at, nothing was changed")
    }

    private func show(_ findings: [Finding]) {
        for finding in findings {
            Console.line("\(finding)")
            if let hint = finding.hint { Console.line("  hint: \(hint)") }
        }
    }
}

/// Looks at every outside system of a configuration.
struct Inspection {
    private let adapters: Adapters
    private let settings: Settings

    init(_ adapters: Adapters, _ settings: Settings) {
        self.adapters = adapters
        self.settings = settings
    }

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for definition in settings.definitions {
            for reference in definition.carriers.map(\.reference) + [definition.staging] {
                guard let vault = adapters.vaults[reference.vault] else { continue }
                findings += await ask("vault \(reference)") { () async throws(StepFailure) in
                    try await vault.preflight(reference.name)
                }
            }
            for carrier in definition.carriers.map(\.reference) {
                findings += await presence(of: carrier)
            }
            findings += await subject(of: definition)
            findings += await watch(of: definition)
            if !definition.strategy.overlaps {
                findings.append(
                    Finding(
                        .warning,
                        "secret \(definition.id)",
                        "`replace` has a gap from apply to the last reload",
                        hint: "two accounts and the strategy `alternate` would have none"
                    )
                )
            }
        }
        for (name, target) in adapters.targets.sorted(by: { $0.key < $1.key }) {
            findings += await ask("target \(name)") { () async throws(StepFailure) in
                try await target.preflight()
            }
        }
        for (name, workload) in adapters.workloads.sorted(by: { $0.key < $1.key }) {
            findings += await ask("workload \(name)") { () async throws(StepFailure) in
                try await workload.preflight()
            }
        }
        for (name, hook) in adapters.hooks.sorted(by: { $0.key < $1.key }) {
            findings += await ask("hook \(name)") { () async throws(StepFailure) in
                try await hook.preflight()
            }
        }
        return findings
    }

    /// Whether the target shows the sessions that count as evidence.
    private func watch(of definition: CredentialDefinition) async -> [Finding] {
        guard let origin = definition.workloads.compactMap(\.sessions).first,
            let target = definition.target.flatMap({ adapters.targets[$0] }) as? any WatchingTarget
        else { return [] }
        return await ask("secret \(definition.id)") { () async throws(StepFailure) in
            _ = try await target.sessions(from: origin)
            return []
        }
    }

    /// What is no credential must not be rotated as one, such as key-ring material.
    private func subject(of definition: CredentialDefinition) async -> [Finding] {
        let finder = FactFinder(adapters: adapters, installation: settings.installation)
        return await ask("secret \(definition.id)") { () async throws(StepFailure) in
            guard let refusal = try await finder.subjectRefusal(of: definition) else { return [] }
            let hint = "take it out of `secrets`: Rekey would refuse to rotate it"
            return [Finding(.problem, "secret \(definition.id)", refusal, hint: hint)]
        }
    }

    /// What is not there yet has no credential that could be replaced, and what is disabled none
    /// that anybody reads.
    ///
    /// Of a staging secret both are usual: Rekey disables there what it has carried.
    private func presence(of carrier: SecretReference) async -> [Finding] {
        guard let vault = adapters.vaults[carrier.vault] else { return [] }
        let subject = "vault \(carrier)"
        return await ask(subject) { () async throws(StepFailure) in
            guard let latest = try await vault.latest(carrier.name) else {
                let hint = "is the name right? else put the present credential there first"
                return [Finding(.problem, subject, "the vault has no such secret", hint: hint)]
            }
            guard !latest.isEnabled else { return [] }
            let hint = "readers without a version get 403; enable it, or write a new version"
            return [Finding(.warning, subject, "the latest version is disabled", hint: hint)]
        }
    }

    private func ask(
        _ subject: String,
        _ question: () async throws(StepFailure) -> [Finding]
    ) async -> [Finding] {
        do {
            return try await question()
        } catch {
            return [Finding(.problem, subject, error.reason, hint: Problem.hint(for: error))]
        }
    }
}

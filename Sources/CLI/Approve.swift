import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey approve ROTATION`: lets a rotation complete that asked for it.
struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Approves a rotation that awaits approval, by the plan that is shown.",
        discussion: "Without --plan it shows the plan and its digest, and changes nothing."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The rotation's id or its beginning, or the secret that it rotates.")
    var rotation: String
    @Option(help: "The digest of the plan that is approved.")
    var plan: String?

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        let chosen = try await RotationChoice(reader).rotation(rotation)
        guard let plan else { return show(chosen) }
        var content = EventContent()
        content.rotation = chosen.id.text
        content.plan = plan
        try await CommandRequest("approve", about: chosen.id.text, content).send(assembly, answer)
    }

    private func show(_ rotation: Rotation) {
        let plan = rotation.plan
        Console.line("rotation \(rotation.id) of \(plan.credential)")
        Console.line("  asked by \(rotation.requestedBy)")
        Console.line("  strategy \(plan.strategy), target \(plan.target?.text ?? "none")")
        if let old = plan.previousAccount {
            let new = rotation.candidate.account ?? old
            Console.line("  account \(old) is to be replaced by \(new)")
        }
        for (carrier, progress) in zip(plan.carriers, rotation.carriers) {
            let (base, latest) = (carrier.base?.text ?? "none", progress.latest?.text ?? "none")
            Console.line("  carrier \(carrier.reference): version \(base), now \(latest)")
        }
        for (workload, progress) in zip(plan.workloads, rotation.workloads) {
            Console.line("  workload \(workload.name): \(progress.evidence)")
        }
        for hook in plan.hooks {
            Console.line("  hook \(hook.name) (\(hook.kind)\(hook.isRequired ? ", required" : ""))")
        }
        let digest = rotation.planDigest
        Console.line("  plan \(digest)")
        guard rotation.awaitsApproval else { return Console.line("nobody was asked to approve") }
        Console.line("to approve: rekey approve \(rotation.id) --plan \(digest)")
    }
}

extension Rotation {
    /// Names what an approval is about.
    ///
    /// That is credential, target, accounts, carriers with their versions, workloads and hooks.
    /// It holds nothing random, and changes with any of these.
    ///
    /// Who joins in mid-rotation does not count: that only makes what ends the old credential
    /// stricter, and asks for nothing that was not approved.
    ///
    /// It is a name and no seal: who may approve, the worker judges by other means.
    package var planDigest: String {
        var parts = [
            "rekey-plan-1", plan.credential.text, plan.strategy.rawValue,
            plan.target?.text ?? "-", plan.previousAccount?.text ?? "-",
            candidate.account?.text ?? "-", String(plan.sequence),
        ]
        for (carrier, progress) in zip(plan.carriers, carriers) {
            parts += [
                "carrier", carrier.reference.description, carrier.audience.rawValue,
                carrier.base?.text ?? "-", progress.latest?.text ?? "-",
            ]
        }
        for workload in plan.workloads.dropLast(joined?.workloads ?? 0) {
            parts += ["workload", workload.name.text, workload.needs.rawValue]
        }
        for hook in plan.hooks.dropLast(joined?.hooks ?? 0) {
            parts += ["hook", hook.name.text, hook.kind, hook.isRequired ? "required" : "optional"]
        }
        return UUIDv5.text(in: id.text, parts)
    }
}

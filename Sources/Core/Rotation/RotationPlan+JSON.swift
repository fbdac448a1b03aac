package import Foundation

// As `JSONEncoder` writes them, members sorted.

extension RotationPlan {
    func write(to text: inout JSONText) {
        text.object { plan in
            plan.member("candidateAccount", candidateAccount?.text)
            plan.name("carriers")
            plan.array(carriers) { $1.write(to: &$0) }
            plan.member("credential", credential.text)
            plan.name("hooks")
            plan.array(hooks) { $1.write(to: &$0) }
            plan.member("inheritedDebts", inheritedDebts?.map(\.text))
            plan.member("overwrittenDebts", overwrittenDebts?.map(\.text))
            plan.name("policy")
            policy.write(to: &plan)
            plan.member("previousAccount", previousAccount?.text)
            plan.member("previousEnd", previousEnd)
            plan.member("recentProbes", recentProbes)
            plan.member("sequence", sequence)
            plan.name("staging")
            staging.write(to: &plan)
            plan.member("strategy", strategy.rawValue)
            plan.member("target", target?.text)
            plan.name("workloads")
            plan.array(workloads) { $1.write(to: &$0) }
        }
    }
}

extension PlannedCarrier {
    fileprivate func write(to text: inout JSONText) {
        text.object { carrier in
            carrier.member("audience", audience.rawValue)
            carrier.member("base", base?.text)
            carrier.name("format")
            format.write(to: &carrier)
            carrier.name("reference")
            reference.write(to: &carrier)
        }
    }
}

extension PlannedWorkload {
    fileprivate func write(to text: inout JSONText) {
        text.object { workload in
            workload.member("audience", audience.rawValue)
            workload.member("deliveredBy", deliveredBy.rawValue)
            workload.member("name", name.text)
            workload.member("needs", needs.rawValue)
            if let sessions {
                workload.name("sessions")
                workload.object { origin in
                    origin.member("addresses", sessions.addresses)
                    origin.member("applicationName", sessions.applicationName)
                }
            }
            workload.member("wave", wave)
        }
    }
}

extension PlannedHook {
    fileprivate func write(to text: inout JSONText) {
        text.object { hook in
            hook.member("deadlineSeconds", deadlineSeconds)
            hook.member("isRequired", isRequired)
            hook.member("kind", kind)
            hook.member("name", name.text)
        }
    }
}

extension RotationPolicy {
    fileprivate func write(to text: inout JSONText) {
        text.object { policy in
            policy.member("approvalDeadlineSeconds", approvalDeadlineSeconds)
            policy.member("callAttempts", callAttempts)
            policy.member("callDeadlineSeconds", callDeadlineSeconds)
            policy.member("firstBackoffSeconds", firstBackoffSeconds)
            policy.name("generator")
            generator.write(to: &policy)
            policy.member("graceSeconds", graceSeconds)
            policy.member("hookDeadlineSeconds", hookDeadlineSeconds)
            policy.member("lifetimeSeconds", lifetimeSeconds)
            policy.member("longestBackoffSeconds", longestBackoffSeconds)
            policy.member("needsApproval", needsApproval)
            policy.member("probesPerHour", probesPerHour)
            policy.member("proveDeadlineSeconds", proveDeadlineSeconds)
            policy.member("thresholdSeconds", thresholdSeconds)
            policy.member("valueAttempts", valueAttempts)
            policy.member("verifyDeadlineSeconds", verifyDeadlineSeconds)
        }
    }
}

extension GeneratorPolicy {
    fileprivate func write(to text: inout JSONText) {
        switch self {
        case .password(let length, let classes):
            text.wrapped("password") { password in
                password.member("classes", classes.sorted().map(\.rawValue))
                password.member("length", length)
            }
        case .hex(let count): text.wrapped("hex") { $0.member("byteCount", count) }
        case .uuid: text.wrapped("uuid")
        case .base64url(let count): text.wrapped("base64url") { $0.member("byteCount", count) }
        }
    }
}

extension SecretReference {
    fileprivate func write(to text: inout JSONText) {
        text.object { reference in
            reference.member("name", name.text)
            reference.member("vault", vault.text)
        }
    }
}

extension ValueFormat {
    fileprivate func write(to text: inout JSONText) {
        switch self {
        case .bare, .ado, .jdbc, .url, .redis: text.wrapped(name)
        case .json(let secret, let account):
            text.wrapped("json") { pointers in
                pointers.member("account", account)
                pointers.member("secret", secret)
            }
        case .list(let separator):
            text.wrapped("list") { $0.member("separator", separator.rawValue) }
        case .jsonList(let pointer): text.wrapped("jsonList") { $0.member("_0", pointer) }
        }
    }
}

extension Debt {
    /// `JSONEncoder`'s bytes, as of a `RotationEvent`; nil where a number is infinite.
    package var usualJSON: Data? {
        var text = JSONText(capacity: 256)
        text.object { debt in
            debt.member("account", account.text)
            debt.member("credential", credential.text)
            debt.member("isPaid", isPaid)
            debt.member("rotation", rotation.text)
            debt.member("since", since)
            debt.member("target", target?.text)
        }
        return text.isFinite ? Data(text.bytes) : nil
    }
}

import Foundation
package import RekeyCore
package import RekeyPorts

/// What would keep a rotation of the application's secrets from succeeding, by reading alone.
extension EntraApplicationTarget {
    package func preflight() async throws(StepFailure) -> [Finding] {
        let subject = "target \(settings.name)"
        let facts: ApplicationFacts
        do throws(StepFailure) { facts = try await self.facts() } catch {
            guard error.kind == .permanent else { throw error }
            let hint = "compare tenant, application and object id with the registration's page"
            return [Finding(.problem, subject, error.reason, hint: hint)]
        }
        var findings: [Finding] = []
        if !facts.isEnabled {
            let hint = "set enabled: true to let Rekey add and remove its secrets"
            findings.append(Finding(.problem, subject, "switched off", hint: hint))
        }
        if let maximum = facts.maximumPasswords, facts.passwords.count >= maximum {
            findings.append(full(facts, maximum, subject))
        }
        findings += nameFindings(facts, subject)
        findings += ownerFindings(facts, subject)
        findings += endFindings(facts, subject)
        return findings
    }

    private func full(
        _ facts: ApplicationFacts,
        _ maximum: Int,
        _ subject: String
    ) -> Finding {
        let oldest = facts.passwords.min {
            ($0.start ?? .distantPast) < ($1.start ?? .distantPast)
        }
        let name = oldest.map { "\($0.account) (\($0.label ?? "no name"))" } ?? "the oldest"
        let hint = "once nobody uses it, remove the spare; the oldest is \(name)"
        return Finding(.problem, subject, "all \(maximum) passwords are taken", hint: hint)
    }

    /// Ids are easily mixed up, names less so.
    private func nameFindings(_ facts: ApplicationFacts, _ subject: String) -> [Finding] {
        guard let expected = settings.expectedName, facts.displayName != expected else { return [] }
        let name = facts.displayName.map { "`\($0)`" } ?? "nothing"
        let hint = "correct applicationId and objectId, or displayName"
        return [Finding(.problem, subject, "it is called \(name), not `\(expected)`", hint: hint)]
    }

    private func ownerFindings(_ facts: ApplicationFacts, _ subject: String) -> [Finding] {
        guard settings.checksOwners else { return [] }
        guard let owners = facts.owners else {
            let isAsked = !settings.expectedOwners.isEmpty
            return [Finding(isAsked ? .problem : .note, subject, "its owners cannot be read")]
        }
        let ids = Set(owners.map { $0.id.lowercased() })
        let missing = settings.expectedOwners.filter { !ids.contains($0.lowercased()) }
        if !missing.isEmpty {
            let hint = "make them owners again, or take them out of owners"
            let text = "not among its owners: " + missing.joined(separator: ", ")
            return [Finding(.problem, subject, text, hint: hint)]
        }
        guard owners.isEmpty else { return [] }
        let hint = "make Rekey's identity an owner, or give it Application.ReadWrite.All"
        let text = "it has no owner, so Application.ReadWrite.OwnedBy does not suffice"
        return [Finding(.warning, subject, text, hint: hint)]
    }

    private func endFindings(_ facts: ApplicationFacts, _ subject: String) -> [Finding] {
        let now = now()
        let ended = facts.passwords.filter { $0.expires.map { $0 <= now } ?? false }
        let hint = "an ended secret may be removed"
        return facts.nearExpiry(at: now).map { password in
            let end = password.expires.map(GraphTime.text) ?? "an unknown time"
            return Finding(.note, subject, "secret \(password.account) ends at \(end)")
        }
            + ended.map { password in
                Finding(.note, subject, "secret \(password.account) has ended", hint: hint)
            }
    }
}

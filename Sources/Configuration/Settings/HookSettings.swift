package import RekeyCore

/// Somebody to be told when a rotation is complete.
package struct HookSettings: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case automation(AutomationHookSettings)
        case site(SiteHookSettings)

        /// Hooks of one kind share a queue.
        package var name: String {
            switch self {
            case .automation: "automation"
            case .site: "site"
            }
        }
    }

    package var name: HookName
    package var kind: Kind
    package var isRequired: Bool
    /// How long it may take from its first start; the policy says it where this is nil.
    package var deadlineSeconds: Double?

    package var planned: PlannedHook {
        PlannedHook(
            name,
            kind: kind.name,
            isRequired: isRequired,
            deadlineSeconds: deadlineSeconds
        )
    }
}

/// An Azure Automation runbook.
package struct AutomationHookSettings: Equatable, Sendable {
    /// How the runbook comes by the value.
    package enum Delivery: String, Sendable, CaseIterable {
        /// It is told vault, name and version, and reads for itself.
        case reference
        /// It is handed a message that only its site can open.
        case sealed
        /// It is handed the value as `ClientSecret`, which exposes it for 30 days.
        case includeSecret
    }

    package var subscription: String
    package var resourceGroup: String
    package var account: String
    package var runbook: String
    /// A group of hybrid workers; nil runs in Azure.
    package var runOn: String?
    package var parameters: [String: String]
    package var delivery: Delivery
    /// The site for which `sealed` seals.
    package var site: String?
}

/// A file and a command at a site with an agent.
package struct SiteHookSettings: Equatable, Sendable {
    package var site: String
    /// The absolute path of the `.env` file.
    package var path: String
    /// The variable in it.
    package var variable: String
    /// What the agent runs afterwards, with its arguments; the value comes on standard input.
    package var command: [String]
}

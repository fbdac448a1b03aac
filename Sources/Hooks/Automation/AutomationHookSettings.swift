import Foundation
package import RekeyCore
package import RekeyPlatform

/// A runbook, where it runs, and how it comes by the value.
package struct AutomationHookSettings: Sendable {
    package enum Delivery: Sendable {
        /// It is told vault, name and version, and reads for itself: `VaultName`, `VaultUri`,
        /// `SecretName` and `SecretVersion` of the first carrier, and where there are several,
        /// the addresses of all as the list `SecretUris`.
        case reference
        /// It is handed a CMS message that only the certificate's owner can open.
        case sealed(Certificate)
        /// It is handed the value as `ClientSecret`: job parameters stay readable for 30 days.
        case includeSecret
    }

    package static let apiVersion = "2024-10-23"
    /// The parameter by which the value travels, as its users know it.
    package static let secretParameter = "ClientSecret"
    package static let sealedParameter = "SealedClientSecret"
    /// The parameter that rises with every value, since jobs have no order: one that waited for a
    /// worker may run after a later one.
    package static let sequenceParameter = "Sequence"
    /// A worker that was not seen for longer is not counted as live.
    package static let workerSilenceSeconds: Double = 600
    /// A job that is suspended for longer counts as failed.
    package static let suspensionSeconds: Double = 300
    /// The jobs of one delivery, each after the failure of the one before.
    package static let runLimit = 16

    package var name: HookName
    package var subscription: String
    package var resourceGroup: String
    package var account: String
    package var runbook: String
    /// A group of hybrid workers; nil runs in Azure.
    package var runOn: String?
    package var parameters: [String: String]
    package var delivery: Delivery

    package init(
        name: HookName,
        subscription: String,
        resourceGroup: String,
        account: String,
        runbook: String,
        runOn: String? = nil,
        parameters: [String: String] = [:],
        delivery: Delivery = .reference
    ) {
        self.name = name
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.account = account
        self.runbook = runbook
        self.runOn = runOn
        self.parameters = parameters
        self.delivery = delivery
    }

    var accountID: String {
        "/subscriptions/\(segment(subscription))/resourceGroups/\(segment(resourceGroup))"
            + "/providers/Microsoft.Automation/automationAccounts/\(segment(account))"
    }

    /// What a runbook needs in order to come by the value, and to know it from an older one.
    var deliveredParameters: [String] {
        switch delivery {
        case .reference: ["VaultName", "SecretName", "SecretVersion", Self.sequenceParameter]
        case .sealed: [Self.sealedParameter, Self.sequenceParameter]
        case .includeSecret: [Self.secretParameter, Self.sequenceParameter]
        }
    }

    /// A name as one part of a path: groups of workers may have blanks in theirs.
    func segment(_ name: String) -> String {
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "/;"))
        return name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name
    }
}

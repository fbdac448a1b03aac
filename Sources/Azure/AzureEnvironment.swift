import RekeyCore

/// Where one Azure cloud answers, and what its tokens are for.
///
/// An address and the resource behind it are two things: a private endpoint or a double answers at
/// its own address, for tokens of the cloud's own resource.
package struct AzureEnvironment: Equatable, Sendable {
    /// The authority host of Entra, as in `https://login.microsoftonline.com`.
    package var authority: String
    /// Microsoft Graph's address, without a version.
    package var graph: String
    package var graphResource: String
    /// Azure Resource Manager's address.
    package var resourceManager: String
    package var resourceManagerResource: String
    /// What every vault's host name ends with, without the leading dot.
    package var vaultSuffix: String
    package var vaultResource: String
    /// How issuers of tokens begin that do so otherwise than the authority, before the tenant.
    package var issuers: [String]

    package init(
        authority: String,
        graph: String,
        graphResource: String? = nil,
        resourceManager: String,
        resourceManagerResource: String? = nil,
        vaultSuffix: String,
        vaultResource: String? = nil,
        issuers: [String] = ["https://sts.windows.net"]
    ) {
        self.authority = authority
        self.graph = graph
        self.graphResource = graphResource ?? graph
        self.resourceManager = resourceManager
        self.resourceManagerResource = resourceManagerResource ?? resourceManager
        self.vaultSuffix = vaultSuffix
        self.vaultResource = vaultResource ?? "https://\(vaultSuffix)"
        self.issuers = issuers
    }

    package static let publicCloud = AzureEnvironment(
        authority: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
        resourceManager: "https://management.azure.com",
        vaultSuffix: "vault.azure.net"
    )

    package static let government = AzureEnvironment(
        authority: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
        resourceManager: "https://management.usgovcloudapi.net",
        vaultSuffix: "vault.usgovcloudapi.net"
    )

    package static let china = AzureEnvironment(
        authority: "https://login.chinacloudapi.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        resourceManager: "https://management.chinacloudapi.cn",
        vaultSuffix: "vault.azure.cn",
        // Not where tokens are asked for (docs.azure.cn, token reference; tenants' metadata).
        issuers: [
            "https://sts.chinacloudapi.cn", "https://login.partner.microsoftonline.cn",
        ]
    )
}

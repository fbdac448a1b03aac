extension StandIn {
    /// What it writes about itself into `standin.json`.
    package struct Facts: Decodable, Sendable {
        package let tenant: String
        package let subscription: String
        package let resourceGroup: String
        package let automationAccount: String
        package let authority: String
        package let graph: String
        package let arm: String
        package let control: String
        package let controlToken: String
        package let identity: String
        package let identityHeader: String
        package let vaults: [String: String]
        package let ca: String
        package let changes: String
        package let applications: [String: Application]
    }

    /// An application, and the files that hold what it signs in with.
    package struct Application: Decodable, Sendable {
        package let appId: String
        package let objectId: String
        package let passwordFiles: [String]?
        package let certificateFile: String?
        package let federatedTokenFile: String?
    }
}

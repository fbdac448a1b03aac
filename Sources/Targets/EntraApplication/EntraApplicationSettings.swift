import Foundation
package import RekeyAzure
package import RekeyCore

/// An application registration whose client secrets Rekey rotates.
package struct EntraApplicationSettings: Sendable {
    /// When reads that lag and flap are believed (azure.md §4).
    package struct Settling: Sendable {
        /// How many reads in a row have to say the same.
        package var agreeingReads = 5
        package var interval = Duration.seconds(1)
        /// How long they have to have said so, before an absence is believed.
        package var absenceWindow = Duration.seconds(20)
        /// After that it is a transient failure.
        package var limit = Duration.seconds(90)

        package init() {}
    }

    /// When a new secret is believed to have spread (azure.md §4: 4 to 18 s, at times minutes).
    package struct Proving: Sendable {
        /// How many token requests in a row have to succeed.
        package var successes = 3
        package var interval = Duration.seconds(1)
        /// How long they have to have succeeded, since lagging servers answer now and then.
        package var span = Duration.zero
        /// How long one call of `prove` goes on; after that it is "not yet".
        package var limit = Duration.seconds(30)

        package init() {}
    }

    package var name: TargetName
    package var environment: AzureEnvironment
    package var tenantID: String
    /// The application (client) id.
    package var applicationID: String
    /// The registration's object id, which is another; found by the application id where nil.
    package var objectID: String?

    /// How every display name begins that Rekey gives.
    package var labelPrefix = "rekey/"
    /// The life of a secret whose end the rotation does not name.
    package var lifetimeDays = 180
    /// How long before its end a secret is reported as near expiry.
    package var updateThresholdHours = 720
    /// Whether Rekey may add and remove secrets here.
    package var isEnabled = true
    package var checksOwners = true
    /// What the application has to be called; nil for whatever.
    package var expectedName: String?
    /// Object ids of those who must own it.
    package var expectedOwners: [String] = []
    /// How many passwords there may be; nil for what the sign-in audience allows.
    package var maximumPasswords: Int?

    /// What a token is asked for to prove a secret; Microsoft Graph where nil.
    package var proofResource: String?
    package var settling = Settling()
    package var proving = Proving()

    package init(
        name: TargetName,
        tenantID: String,
        applicationID: String,
        objectID: String? = nil,
        environment: AzureEnvironment = .publicCloud
    ) {
        self.name = name
        self.tenantID = tenantID
        self.applicationID = applicationID
        self.objectID = objectID
        self.environment = environment
    }
}

extension EntraApplicationSettings {
    /// What is misspelt; nil where nothing is.
    ///
    /// A tenant may also be named by its domain.
    var fault: String? {
        if UUID(uuidString: applicationID) == nil { return "the application id is no UUID" }
        if let objectID, UUID(uuidString: objectID) == nil { return "the object id is no UUID" }
        let isDomain = tenantID.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return tenantID.isEmpty || !isDomain ? "the tenant is neither a UUID nor a domain" : nil
    }
}

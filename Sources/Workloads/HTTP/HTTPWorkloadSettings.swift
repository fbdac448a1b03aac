package import RekeyCore

/// What is asked of an application over HTTP, and how it is told to reload.
package struct HTTPWorkloadSettings: Sendable {
    package typealias SecretSource = @Sendable () async throws(StepFailure) -> Secret

    /// One question and the answer that counts as good.
    package struct Check: Sendable, Equatable {
        /// What stands for the id of the newest carrier's version in `equals`.
        package static let versionPlace = "{version}"

        package var url: String
        package var status: Int
        /// An RFC 6901 pointer into a JSON answer.
        package var pointer: String?
        /// The text that has to be there.
        package var equals: String?
        /// What the good answer shows.
        package var shows: EvidenceLevel

        package init(
            url: String,
            status: Int = 200,
            pointer: String? = nil,
            equals: String? = nil,
            shows: EvidenceLevel = .healthy
        ) {
            self.url = url
            self.status = status
            self.pointer = pointer
            self.equals = equals
            self.shows = shows
        }
    }

    package var name: WorkloadName
    package var checks: [Check]
    /// Where the application proves which value it holds; nil where it cannot.
    package var challengeURL: String?
    /// What is called to make the application reload; nil where it does so itself.
    package var reloadURL: String?
    /// The header by which Rekey is let in, and where its value is.
    package var header: String?
    package var token: SecretSource?
    package var timeoutSeconds: Double

    package init(
        name: WorkloadName,
        checks: [Check],
        challengeURL: String? = nil,
        reloadURL: String? = nil,
        header: String? = nil,
        token: SecretSource? = nil,
        timeoutSeconds: Double = 10
    ) {
        self.name = name
        self.checks = checks
        self.challengeURL = challengeURL
        self.reloadURL = reloadURL
        self.header = header
        self.token = token
        self.timeoutSeconds = timeoutSeconds
    }
}

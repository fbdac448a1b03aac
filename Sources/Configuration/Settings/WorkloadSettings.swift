package import RekeyCore

/// An application that uses credentials.
package struct WorkloadSettings: Equatable, Sendable {
    /// What its adapter needs.
    package enum Kind: Equatable, Sendable {
        case http(HTTPWorkloadSettings)
    }

    package var name: WorkloadName
    package var kind: Kind
    package var deliveredBy: PlannedWorkload.Feed
    package var needs: EvidenceLevel
    package var audience: Audience
    package var wave: Int
    /// How long it may go on with a value it has read.
    package var cacheSeconds: Double
    /// By what its target knows its sessions; nil where it is not watched there.
    package var sessions: SessionOrigin?

    package var planned: PlannedWorkload {
        PlannedWorkload(
            name,
            deliveredBy: deliveredBy,
            needs: needs,
            audience: audience,
            wave: wave,
            sessions: sessions
        )
    }
}

/// What is asked of an application over HTTP.
package struct HTTPWorkloadSettings: Equatable, Sendable {
    /// One question and the answer that counts as good.
    package struct Check: Equatable, Sendable {
        package var url: String
        package var status: Int
        /// An RFC 6901 pointer into a JSON answer, and the text that has to be there.
        package var pointer: String?
        package var equals: String?
        /// What the good answer shows: at most `healthy`, for it is the application's own word.
        package var shows: EvidenceLevel
    }

    /// Asked in order; the evidence is the strongest that a good answer shows.
    package var checks: [Check]
    /// Where it proves which value it holds; nil where it cannot.
    package var challengeURL: String?
    /// What is called to make the application take up the new value; nil where it does so itself.
    package var reloadURL: String?
    /// The header and value by which Rekey is let in.
    package var header: String?
    package var token: SecretSource?
    /// The path of a PEM file with further authorities to trust.
    package var authorities: String?
    package var timeoutSeconds: Double
}

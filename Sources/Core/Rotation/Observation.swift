/// What an effect showed: names and ids, never a value.
package enum Observation: Codable, Equatable, Sendable {
    /// The candidate is in the staging vault, as this version.
    case staged(VersionID)
    /// The staging vault has no version of this attempt.
    case notStaged
    /// Every carrier's vault can be written.
    case carriersWritable
    /// The target has taken the candidate.
    case installed
    /// Who the target lets in: with the candidate, with the previous value.
    case probed(candidate: Bool, previous: Bool)
    /// The target made a value, under this id. It is not staged yet.
    case issued(AccountID)
    /// The target's credentials of this attempt, by id. Their values are not known.
    case issuedFound([AccountID])
    /// Which of the two keys is in use, and which is idle.
    case keys(current: AccountID, idle: AccountID, idleChanged: Bool)
    /// The value that `issue` returned is gone with the process that held it.
    case valueLost
    case withdrawn(AccountID)
    /// Signed in with the candidate, as the same identity with the same privileges.
    case proved
    /// A carrier's latest version, and whether this pass of this rotation wrote it.
    case carrierRead(Int, latest: VersionID?, isOurs: Bool)
    case carrierWritten(Int, VersionID)
    case refreshed(Int)
    /// What a workload shows, and what speaks against more, in words.
    case evidence(Int, EvidenceLevel, remark: String? = nil)
    case hookStarted(Int)
    case hookRunning(Int)
    /// Nothing of this hook's key is to be seen: it has to be started.
    case hookNotStarted(Int)
    case hookEnded(Int, HookEnd)
    /// Nobody uses the old credential, or nobody can tell.
    case silence(Silence)
    case retired(AccountID)
    /// Whether the target still accepts the old credential.
    case retiredLooked(isAccepted: Bool)
    /// The deadline of a compromise ended this credential.
    case revoked(AccountID)
    /// Whether the target still accepts what the deadline ended.
    case revokedLooked(isAccepted: Bool)
    case stagedDisabled
    case previousReinstalled
    /// What the target accepts at the end, under our names but without a record.
    case closingListed(strays: [AccountID])
}

/// How a hook ended.
package enum HookEnd: Codable, Equatable, Sendable {
    /// With a word of evidence, such as a job's id.
    case succeeded(String)
    case failed(String)
}

/// What a target can say about the use of the old credential.
package enum Silence: String, Codable, Sendable {
    case unused, inUse, unobservable
}

/// By what a target knows a workload's sessions: a name, addresses, or both.
package struct SessionOrigin: Codable, Equatable, Sendable {
    /// As the workload calls itself, such as PostgreSQL's `application_name`.
    package var applicationName: String?
    /// Addresses or ranges, such as `10.1.0.0/16`; any address where there is none.
    package var addresses: [String]

    package init(applicationName: String? = nil, addresses: [String] = []) {
        self.applicationName = applicationName
        self.addresses = addresses
    }
}

/// A session that a target has open.
package struct TargetSession: Equatable, Sendable {
    package let account: AccountID
    /// Since it was opened, by the target's clock alone.
    package let ageSeconds: Double

    package init(account: AccountID, ageSeconds: Double) {
        self.account = account
        self.ageSeconds = ageSeconds
    }
}

/// What a workload's sessions at the target say of the value it holds.
package enum SignIns: Equatable, Sendable {
    /// It signed in with what is to be shown, and with nothing else since.
    case signedIn
    /// No session of it says anything.
    case unseen
    /// It signed in with the other account after it should have stopped.
    case contradicted(AccountID)

    /// Judges sessions that are all one workload's.
    ///
    /// `seconds` is how long ago the target began to accept what is to be shown. Where old and new
    /// are one account, only a younger session counts: a password is checked when a session opens,
    /// so one that is opened after the change had the new one. Where they are two, a session of the
    /// other account that is younger than the first with the new one comes from a replica that was
    /// left behind, or from a workload that says one thing and does another. Older ones may be a
    /// pool's; they are waited for before the old account is ended.
    package init(
        judging sessions: [TargetSession],
        of account: AccountID,
        acceptedSecondsAgo seconds: Double?
    ) {
        let young = sessions.filter { session in seconds.map { session.ageSeconds < $0 } ?? true }
        let firstNew = young.filter { $0.account == account }.map(\.ageSeconds).max()
        let isLate = { (session: TargetSession) in
            session.account != account && firstNew.map { session.ageSeconds < $0 } ?? true
        }
        if let late = young.first(where: isLate), firstNew != nil || seconds != nil {
            self = .contradicted(late.account)
        } else {
            self = firstNew == nil ? .unseen : .signedIn
        }
    }
}

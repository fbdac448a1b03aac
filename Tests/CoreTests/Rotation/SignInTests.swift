import RekeyCore
import Testing

@Suite struct `A workload's sessions at the target` {
    /// Account and age of each session, and what they say 100 s after the new one was accepted.
    @Test(
        arguments: [
            ([], .unseen),
            ([("old", 500)], .unseen),
            ([("new", 5)], .signedIn),
            ([("new", 5), ("old", 500)], .signedIn),
            // A pool's, opened between the change and the reload.
            ([("new", 5), ("old", 50)], .signedIn),
            ([("new", 50), ("old", 5)], .contradicted("old")),
            ([("new", 50), ("new", 1), ("old", 5)], .contradicted("old")),
            ([("old", 5)], .contradicted("old")),
            // Of the turn before last, which nobody ended.
            ([("new", 500)], .unseen),
        ] as [([(AccountID, Double)], SignIns)]
    )
    func `of two accounts in turn`(sessions: [(AccountID, Double)], says: SignIns) {
        #expect(SignIns(judging: open(sessions), of: "new", acceptedSecondsAgo: 100) == says)
    }

    /// A password is checked when a session opens: only one that is younger had the new one.
    @Test(
        arguments: [
            ([("app", 500)], .unseen), ([("app", 100)], .unseen), ([("app", 99)], .signedIn),
            ([("app", 500), ("app", 1)], .signedIn),
        ] as [([(AccountID, Double)], SignIns)]
    )
    func `of one account whose password changed`(sessions: [(AccountID, Double)], says: SignIns) {
        #expect(SignIns(judging: open(sessions), of: "app", acceptedSecondsAgo: 100) == says)
    }

    /// Going back, a session of the account that stays may be as old as it likes.
    @Test(
        arguments: [
            ([("old", 500)], .signedIn), ([("new", 5)], .unseen),
            ([("old", 500), ("new", 5)], .contradicted("new")),
            ([("old", 1), ("new", 5)], .signedIn),
        ] as [([(AccountID, Double)], SignIns)]
    )
    func `of the account that going back returns to`(
        sessions: [(AccountID, Double)],
        says: SignIns
    ) {
        #expect(SignIns(judging: open(sessions), of: "old", acceptedSecondsAgo: nil) == says)
    }

    private func open(_ sessions: [(AccountID, Double)]) -> [TargetSession] {
        sessions.map { TargetSession(account: $0.0, ageSeconds: $0.1) }
    }
}

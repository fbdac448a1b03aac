/// Suite F: what Infisical expects of a client secret's rotation at Microsoft Graph.
enum GraphRows {
    static let all: [BorrowedRow] = [
        BorrowedRow(
            "F1",
            .infisical("remove-old answers 400 concurrent requests twice, then succeeds"),
            "add is called once, remove three times, commit once",
            check: GraphCases.asksAgainForTheRemoval
        ),
        BorrowedRow(
            "F2",
            .infisical("remove-old keeps failing"),
            "the new credential is removed again (four tries, one clean-up), no commit",
            .differs("what was delivered is never removed: the old one stays, as a debt"),
            check: GraphCases.owesWhatItCannotRemove
        ),
        BorrowedRow(
            "F3",
            .infisical("the clean-up fails too"),
            "the error says that the orphan has to be removed by hand",
            .differs("the orphan is a debt on record, and is removed as soon as that works"),
            check: GraphCases.owesTheOrphan
        ),
        BorrowedRow(
            "F4",
            .infisical("403"),
            "no further attempt",
            check: GraphCases.stopsAtForbidden
        ),
    ]
}

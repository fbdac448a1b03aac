import RekeyCore

/// Suite C: what OpenBao expects of its write-ahead log.
///
/// Its entry is our journal's record together with the staged value that it points to.
enum JournalRows {
    static let all = entries + others + crashes

    private static let entries: [BorrowedRow] = [
        BorrowedRow(
            "C1",
            .openBao("the target returned an error once; rotate again"),
            "the same pending value is installed, current stays old meanwhile, nothing is left",
            check: JournalCases.installsTheSameValueAgain
        ),
        BorrowedRow(
            "C2",
            .openBao("an entry newer than the last rotation, at the start"),
            "the entry is kept, and rolled forward",
            check: JournalCases.goesOnAfterAStart
        ),
        BorrowedRow(
            "C3",
            .openBao("an entry with no time"),
            "it is discarded, nothing rotates early, the due date is a period away",
            .nearest("a credential's record of long ago: what the vault's version says counts"),
            check: JournalCases.believesTheVaultsEnd
        ),
        BorrowedRow(
            "C4",
            .openBao("an entry without a value"),
            "it is kept, and a fresh value is made",
            check: JournalCases.makesWhatWasNotStaged
        ),
        BorrowedRow(
            "C5",
            .openBao("four entries for one secret"),
            "the newest wins, three are deleted",
            .nearest("four candidates of one rotation: all are disabled, the newest was used"),
            check: JournalCases.usesTheLastOfFour
        ),
        BorrowedRow(
            "C6",
            .openBao("an entry for an unknown secret"),
            "it is deleted, the queue is empty",
            check: JournalCases.forgetsTheUnknown
        ),
        BorrowedRow(
            "C7",
            .openBao("an entry older than the last rotation"),
            "it is deleted, its value never installed",
            check: JournalCases.leavesAnEarlierRotation
        ),
    ]

    private static let others: [BorrowedRow] = [
        BorrowedRow(
            "C8",
            .openBao("the policy changed between two attempts"),
            "the old pending value is not used; the new one is of the new policy",
            .differs("a rotation keeps the policy that it was admitted with; the next has the new"),
            check: JournalCases.keepsThePolicyOfItsAdmission
        ),
        BorrowedRow(
            "C9",
            .openBao("an entry that lacks a field"),
            "it is still read, or taken for unknown",
            .differs("an optional field may lack; without another the record is an error"),
            check: JournalCases.readsAnOlderRecord
        ),
        BorrowedRow(
            "C10",
            .openBao("a period of 5 s, wait 6 s (here in tenths)"),
            "new is not old, and last is old",
            check: JournalCases.rotatesByItself
        ),
        BorrowedRow(
            "C11",
            .openBao("an invalid role, or one of another kind"),
            "error, and the queue is as long as before",
            check: JournalCases.queuesNothingInvalid
        ),
        BorrowedRow(
            "C13",
            .ours("the change was applied and an error returned, then the policy refuses"),
            "the value is not dropped before it was probed",
            check: JournalCases.probesWhatWasRefused
        ),
    ]

    private static let crashes: [BorrowedRow] =
        [Strategy.replace, .alternate, .dualKey, .addThenRemove].map { strategy in
            BorrowedRow(
                "C12 \(strategy)",
                .ours("any kind of credential: crash after install (an RSA key is lost there)"),
                "the credential is recovered, or withdrawn and made again",
                check: { try await JournalCases.recovers(strategy) }
            )
        }
}

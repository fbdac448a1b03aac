import RekeyCore

/// The rows A10 to A31, most of which a real PostgreSQL decides.
enum PostgresRows {
    static let all = single + multi + test

    private static let single: [BorrowedRow] = [
        row(
            "A11",
            "pending logs in → success, no change",
            check: PostgresStep.check(.replace, .pendingLogsIn, .unchanged)
        ),
        BorrowedRow(
            "A11b",
            .awsSingle("set_secret"),
            "pending logs in after an answer was lost → no second change",
            check: InstallCases.looksBeforeItRepeats
        ),
        row(
            "A12",
            "pending fails, current logs in → one change",
            check: PostgresStep.check(.replace, .currentLogsIn, .changed)
        ),
        row(
            "A13",
            "pending and current fail, previous logs in → a change",
            check: PostgresStep.check(.replace, .previousLogsIn, .changed)
        ),
        row(
            "A14",
            "none logs in → error, no change",
            .differs("an administrator sets it, so no old value is needed"),
            check: PostgresStep.check(.replace, .nobodyLogsIn, .changed)
        ),
        row(
            "A15",
            "pending names another user → refused",
            check: PostgresStep.check(.replace, .strangeAccount, .refused)
        ),
        row(
            "A16",
            "pending names another host → refused",
            .differs("the candidate is the value alone; the host is the target's setting"),
            check: InstallCases.stagesNoHost
        ),
        row(
            "A17",
            "previous names another user → refused",
            .differs("no earlier version is ever signed in with, so its user does not matter"),
            check: InstallCases.asksAsNobodyElse
        ),
        row(
            "A18",
            "previous names another host → refused (they sign in first, and compare after)",
            .differs("no earlier version is ever signed in with, so its host does not matter"),
            check: InstallCases.asksAsNobodyElse
        ),
        row(
            "A19",
            "previous is tried with current's TLS setting, and else without TLS",
            .differs("theirs falls back to a connection without TLS; ours never does"),
            check: PostgresStep.check(.replace, .noTLS, .refused)
        ),
        row(
            "A20",
            "there is no previous version → none",
            check: InstallCases.needsNoEarlierVersion
        ),
        row(
            "A21",
            "the user is quoted by the server's rules",
            check: PostgresStep.check(.replace, .oddName, .changed)
        ),
    ]

    private static let multi: [BorrowedRow] = [
        inTurn(
            "A10",
            "the alternate's name is longer than 63 → error",
            check: PostgresStep.check(.alternate, .longName, .refused)
        ),
        inTurn(
            "A22",
            "pending logs in → success",
            check: PostgresStep.check(.alternate, .pendingLogsIn, .unchanged)
        ),
        inTurn(
            "A23",
            "pending is not current's alternate → refused",
            check: PostgresStep.check(.alternate, .strangeAccount, .refused)
        ),
        inTurn(
            "A24",
            "the host differs → refused",
            .differs("the candidate is the value alone; the host is the target's setting"),
            check: InstallCases.stagesNoHost
        ),
        inTurn(
            "A25",
            "current cannot log in → refused before the administrator is used",
            .differs("the administrator comes from the settings, not from a secret"),
            check: PostgresStep.check(.alternate, .nobodyLogsIn, .changed)
        ),
        inTurn(
            "A26",
            "the administrator's host differs, and is no replica → refused",
            .differs("the administrator has no host of its own: the configuration refuses one"),
            check: InstallCases.givesTheAdministratorNoHost
        ),
        inTurn(
            "A27",
            "the administrator cannot log in → error",
            check: PostgresStep.check(.alternate, .administratorRefused, .refused)
        ),
        inTurn(
            "A28",
            "the alternate role is absent → made and granted",
            .differs("`rekey init --sql` prints the SQL that makes roles; a person runs it"),
            check: PostgresStep.check(.alternate, .roleAbsent, .refused)
        ),
        inTurn(
            "A29",
            "the alternate role is there → its password changes, and no more",
            check: PostgresStep.check(.alternate, .rolePresent, .changed)
        ),
        inTurn(
            "A29b",
            "the alternate role has other grants → nobody notices",
            .differs("theirs never looks at grants again; prove compares them, and refuses"),
            check: PostgresStep.check(.alternate, .grantsDiffer, .refused)
        ),
    ]

    private static let test: [BorrowedRow] = [
        BorrowedRow(
            "A30",
            .awsMulti("test_secret"),
            "pending logs in and reads → success",
            check: PostgresStep.check(.alternate, .pendingTested, .unchanged)
        ),
        BorrowedRow(
            "A31",
            .awsMulti("test_secret"),
            "pending does not log in → error",
            check: PostgresStep.check(.alternate, .wrongSecretTested, .refused)
        ),
    ]

    private static func row(
        _ id: String,
        _ expects: String,
        _ verdict: BorrowedRow.Verdict = .same,
        check: @escaping @Sendable () async throws -> Void
    ) -> BorrowedRow {
        BorrowedRow(id, .awsSingle("set_secret"), expects, verdict, check: check)
    }

    private static func inTurn(
        _ id: String,
        _ expects: String,
        _ verdict: BorrowedRow.Verdict = .same,
        check: @escaping @Sendable () async throws -> Void
    ) -> BorrowedRow {
        BorrowedRow(id, .awsMulti("set_secret"), expects, verdict, check: check)
    }
}

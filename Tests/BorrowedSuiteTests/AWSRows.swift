/// Suite A: AWS's step contract.
///
/// What concerns the database itself is in `PostgresRows`.
enum AWSRows {
    static let all = dispatcher + create + PostgresRows.all + finish

    private static let dispatcher: [BorrowedRow] = [
        BorrowedRow(
            "A1",
            .awsSingle("lambda_handler, l.58-60"),
            "rotation is disabled → refused",
            check: AWSCases.refusesWhatIsDisabled
        ),
        BorrowedRow(
            "A2",
            .awsSingle("lambda_handler, l.62-64"),
            "the token is of no version → refused",
            .nearest("a token is an event of a rotation; one of an unknown rotation is parked"),
            check: AWSCases.ignoresAnUnknownRotation
        ),
        BorrowedRow(
            "A3",
            .awsSingle("lambda_handler, l.65-67"),
            "the token's version is current already → success, no effect",
            check: AWSCases.absorbsWhatComesAfterTheEnd
        ),
        BorrowedRow(
            "A4",
            .awsSingle("lambda_handler, l.68-70"),
            "the token's version is neither current nor pending → refused",
            check: AWSCases.refusesASupersededVersion
        ),
        BorrowedRow(
            "A5",
            .awsSingle("lambda_handler, l.86-87"),
            "an unknown step → refused",
            check: AWSCases.knowsNoOtherStep
        ),
    ]

    private static let create: [BorrowedRow] = [
        BorrowedRow(
            "A6",
            .awsSingle("create_secret"),
            "nothing is current → error",
            check: AWSCases.goesBackWithoutADocument
        ),
        BorrowedRow(
            "A6b",
            .awsSingle("create_secret"),
            "nothing is current, and the value stands alone → error",
            .differs("a bare value needs no document to be merged into, so it becomes the first"),
            check: AWSCases.writesTheFirstBareValue
        ),
        BorrowedRow(
            "A7",
            .awsSingle("create_secret"),
            "no value for the token → one put as pending, the other fields copied from current",
            check: AWSCases.stagesOnceAndKeepsTheOtherFields
        ),
        BorrowedRow(
            "A8",
            .awsSingle("create_secret"),
            "there is a value for the token → none is made, none is put",
            check: AWSCases.findsWhatIsStaged
        ),
        BorrowedRow(
            "A9",
            .awsMulti("create_secret, get_alternate_username"),
            "the user becomes the alternate: u → u_clone → u",
            .differs("both accounts are in the configuration, neither is made of the other's name"),
            check: AWSCases.takesTheAccountsInTurn
        ),
    ]

    private static let finish: [BorrowedRow] = [
        BorrowedRow(
            "A32",
            .awsSingle("finish_secret"),
            "the token is current already → success, no change",
            check: AWSCases.promotesOnce
        ),
        BorrowedRow(
            "A33",
            .awsSingle("finish_secret"),
            "one compare-and-swap away from the old current",
            .differs(
                "Key Vault has no compare-and-swap: the latest is read before the write and after "
                    + "it, so somebody else's version stops the rotation unless it comes between"
            ),
            check: AWSCases.stopsAtSomebodyElsesVersion
        ),
        BorrowedRow(
            "A34",
            .awsSingle("finish_secret"),
            "pending may stay attached after finish, and means nothing then",
            check: AWSCases.ignoresWhatStayedStaged
        ),
        BorrowedRow(
            "A35",
            .motoLambda("test_simple_lambda_is_invoked__do_not_rotate_immediately"),
            "RotateImmediately=false → only test",
            .nearest("a credential seen for the first time is looked at, and not rotated"),
            check: AWSCases.looksAtWhatItAdopts
        ),
        BorrowedRow(
            "A35b",
            .motoLambda("test_simple_lambda_is_invoked"),
            "RotateImmediately=true → create, set, test, finish in order",
            check: AWSCases.takesTheStepsInOrder
        ),
    ]
}

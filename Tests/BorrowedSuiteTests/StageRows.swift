/// Suite B: what moto, in part held against AWS itself, expects of staging labels.
///
/// A vault of Rekey's knows no labels: whatever is newest is current, and what is pending has a
/// name of its own.
enum StageRows {
    static let all = labels + calls + settings

    private static let labels: [BorrowedRow] = [
        BorrowedRow(
            "B1",
            .moto("test_after_put_secret_value_version_stages_pending_can_get_current"),
            "a put as pending → current is unchanged",
            check: StageCases.stagesBesideCurrent
        ),
        BorrowedRow(
            "B2",
            .moto("test_after_put_secret_value_version_stages_can_get_current"),
            "a put with a label of one's own → current is unchanged",
            .nearest("there are tags, and tagging makes no version"),
            check: StageCases.tagsWithoutAVersion
        ),
        BorrowedRow(
            "B3",
            .moto("test_put_secret_value_version_stages with_custom_version_stage"),
            "a label used again on the third version → moves off the second",
            .nearest("the candidate of another attempt is the only one that is used"),
            check: StageCases.usesTheNewestCandidate
        ),
        BorrowedRow(
            "B4",
            .moto("test_update_secret_version_stage_currentversion_handling"),
            "current moved back to the first → the other is previous",
            .differs("nothing is ever moved: the previous value becomes a new version"),
            check: StageCases.goesBackByANewVersion
        ),
        BorrowedRow(
            "B5",
            .moto("test_update_secret_version_stage_manually (aws_verified)"),
            "current moved from where it was → old is previous, new is current and pending",
            check: StageCases.keepsOldAndPendingBesideNew
        ),
        BorrowedRow(
            "B6",
            .moto("test_update_secret_version_stage_dont_specify_current_stage (aws_verified)"),
            "current moved from elsewhere → refused, and the holder is named",
            check: AWSCases.stopsAtSomebodyElsesVersion
        ),
    ]

    private static let calls: [BorrowedRow] = [
        BorrowedRow(
            "B7",
            .moto("test_update_secret_version_stage_validation"),
            "an unknown secret, an unknown version, a label not attached → 404, 400, 400",
            check: StageCases.knowsNoStrangers
        ),
        BorrowedRow(
            "B8",
            .moto("test_rotate_secret_that_is_still_rotating"),
            "rotate while pending and current are one version → 400",
            .differs(
                "AWS's own page has it finished; here a request joins the rotation while that is "
                    + "in flight, and begins another after"
            ),
            check: StageCases.joinsARotationInFlight
        ),
        BorrowedRow(
            "B9",
            .moto("test_rotate_secret_marked_deleted"),
            "rotate what is marked as deleted → error",
            check: StageCases.leavesADeletedNameAlone
        ),
        BorrowedRow(
            "B9b",
            .moto("test_rotate_secret_does_not_exist"),
            "rotate what does not exist → error",
            check: StageCases.knowsNoOtherSecret
        ),
        BorrowedRow(
            "B10",
            .moto("test_rotate_secret_client_request_token_too_short, …_too_long"),
            "a token of 9 or 73 characters → refused",
            .differs("a request's id of any length is hashed into the rotation's id"),
            check: StageCases.hashesTheIdOfARequest
        ),
    ]

    private static let settings: [BorrowedRow] = [
        BorrowedRow(
            "B11",
            .moto("test_rotate_secret_rotation_period_zero"),
            "a period of 0 → refused",
            check: StageCases.refusesALifeOfNothing
        ),
        BorrowedRow(
            "B11b",
            .moto("test_rotate_secret_rotation_period_too_long"),
            "a period of 1001 days → refused",
            .differs("the longest is 730 days, so that 1001 is refused and 1000 is too"),
            check: StageCases.refusesALifeOfYears
        ),
        BorrowedRow(
            "B12",
            .moto("test_cancel_rotate_secret"),
            "cancelling keeps the settings, and disables",
            check: StageCases.pausesAndKeeps
        ),
        BorrowedRow(
            "B13",
            .moto("test_cancel_rotate_secret_before_enable"),
            "cancelling what was not enabled → error",
            check: StageCases.refusesToUnpauseWhatRuns
        ),
        BorrowedRow(
            "B13b",
            .moto("test_cancel_rotate_secret_after_delete"),
            "cancelling what is deleted → error",
            .differs("a pause is Rekey's own record, which a deleted name in a vault leaves alone"),
            check: StageCases.pausesWhatIsDeleted
        ),
        BorrowedRow(
            "B13c",
            .moto("test_cancel_rotate_secret_with_invalid_secret_id"),
            "cancelling an unknown secret → error",
            check: StageCases.refusesToPauseAStranger
        ),
        BorrowedRow(
            "B14",
            .moto("test_rotate_secret, frozen at 2023-05-20T10:20:30"),
            "the next date is the rotation's and the period of 10 days",
            check: StageCases.addsThePeriod
        ),
    ]
}

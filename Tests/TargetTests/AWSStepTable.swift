import RekeyCore

/// The rows A11 to A31 of AWS's step contract that concern the target.
///
/// Source: `SecretsManagerRDSPostgreSQLRotationSingleUser/lambda_function.py` and `…MultiUser/…`
/// of aws-samples/aws-secrets-manager-rotation-lambdas at b4b8eca. Its *set* is our *apply*, its
/// *test* our *prove*.
enum AWSStepTable {
    /// What our target makes of a row.
    enum Verdict: Sendable {
        /// As AWS does.
        case same(Outcome)
        /// Otherwise, on purpose.
        case differs(Outcome, why: String)
        /// Decided elsewhere in Rekey, so that the target cannot get it wrong.
        case elsewhere(String)
    }

    enum Outcome: Sendable, Equatable {
        /// It succeeded, and the stored password is what it was.
        case unchanged
        /// It succeeded, and the password changed.
        case changed
        /// It was refused, and nothing changed.
        case refused
    }

    /// What AWS's row begins with.
    enum Given: Sendable {
        case pendingLogsIn, currentLogsIn, previousLogsIn, nobodyLogsIn
        case strangeAccount, oddName, noTLS, administratorRefused
        case roleAbsent, rolePresent, grantsDiffer, wrongSecretTested, pendingTested, notOurs
    }

    struct Row: Sendable, CustomStringConvertible {
        let id: String
        let strategy: Strategy
        let given: Given
        let verdict: Verdict
        let description: String
    }

    static let rows: [Row] = single + multi + test

    private static let single: [Row] = [
        row("A11", .replace, .pendingLogsIn, .same(.unchanged), "pending logs in"),
        row("A12", .replace, .currentLogsIn, .same(.changed), "current logs in"),
        row("A13", .replace, .previousLogsIn, .same(.changed), "only previous logs in"),
        row(
            "A14",
            .replace,
            .nobodyLogsIn,
            .differs(.changed, why: "an administrator sets it, so no old value is needed"),
            "none logs in"
        ),
        row("A15", .replace, .strangeAccount, .same(.refused), "pending names another user"),
        row("A16", .replace, .notOurs, .elsewhere(host), "pending names another host"),
        row("A17", .replace, .notOurs, .elsewhere(previous), "previous names another user"),
        row("A18", .replace, .notOurs, .elsewhere(previous), "previous names another host"),
        row(
            "A19",
            .replace,
            .noTLS,
            .differs(.refused, why: "theirs falls back to a connection without TLS"),
            "the server has no TLS"
        ),
        row("A20", .replace, .notOurs, .elsewhere(previous), "there is no previous version"),
        row("A21", .replace, .oddName, .same(.changed), "the user's name needs quotes"),
    ]

    private static let multi: [Row] = [
        row("A22", .alternate, .pendingLogsIn, .same(.unchanged), "pending logs in"),
        row("A23", .alternate, .strangeAccount, .same(.refused), "pending is not the alternate"),
        row("A24", .alternate, .notOurs, .elsewhere(host), "pending names another host"),
        row(
            "A25",
            .alternate,
            .nobodyLogsIn,
            .differs(.changed, why: "the administrator comes from the settings, not the secret"),
            "current does not log in"
        ),
        row("A26", .alternate, .notOurs, .elsewhere(host), "the administrator's host differs"),
        row("A27", .alternate, .administratorRefused, .same(.refused), "the administrator fails"),
        row(
            "A28",
            .alternate,
            .roleAbsent,
            .differs(.refused, why: "init writes the SQL that makes roles, and a person runs it"),
            "the alternate role is absent"
        ),
        row("A29", .alternate, .rolePresent, .same(.changed), "the alternate role is there"),
        row(
            "A29",
            .alternate,
            .grantsDiffer,
            .differs(.refused, why: "theirs never looks at grants again; prove compares them"),
            "the alternate role has other grants"
        ),
    ]

    private static let test: [Row] = [
        row("A30", .alternate, .pendingTested, .same(.unchanged), "pending logs in and reads"),
        row("A31", .alternate, .wrongSecretTested, .same(.refused), "pending does not log in"),
    ]

    private static let host = "the host is the target's setting; a secret cannot lead elsewhere"
    private static let previous = "the target never signs in with a previous version by itself"

    private static func row(
        _ id: String,
        _ strategy: Strategy,
        _ given: Given,
        _ verdict: Verdict,
        _ text: String
    ) -> Row {
        let text = "\(id): \(text)"
        return Row(id: id, strategy: strategy, given: given, verdict: verdict, description: text)
    }
}

import RekeyCore

extension PostgresTarget {
    /// The SQL that gets the roles to where `preflight` wants them.
    ///
    /// It is for a person to read and to run as a superuser. Running it again changes nothing; it
    /// holds no password. The administrator's role itself is not made here, since its password is
    /// not ours to choose.
    package func initialiseSQL() -> String {
        let administrator = Self.quoted(settings.administrator.role)
        let accounts = settings.accounts.map { Self.quoted($0.text) }
        var lines = ["-- Run by a superuser, once for each server."]
        for account in settings.accounts { lines += Self.creation(of: account.text) }
        lines += [
            "ALTER ROLE \(administrator) CREATEROLE;",
            "-- PostgreSQL 16 and later want ADMIN OPTION as well; there, run these too:",
        ]
        lines += accounts.map { account in
            "-- GRANT \(account) TO \(administrator) WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;"
        }
        guard settings.strategy == .alternate else { return lines.joined(separator: "\n") + "\n" }
        if let name = settings.ownerRole {
            let owner = Self.quoted(name)
            lines += Self.creation(of: name)
            for account in accounts {
                lines += [
                    "GRANT \(owner) TO \(account);",
                    "ALTER ROLE \(account) SET role = \(Self.literal(name));",
                ]
            }
            lines += [
                "-- In each database that holds their objects (grants go to the owner instead):"
            ]
            lines += accounts.map { "REASSIGN OWNED BY \($0) TO \(owner);" }
        } else {
            lines += ["-- Without an owner role, give both accounts the same grants by hand."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A role without a login is what an idle account is.
    private static func creation(of role: String) -> [String] {
        [
            "DO $rekey$ BEGIN",
            "    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = \(literal(role))) THEN",
            "        CREATE ROLE \(quoted(role)) NOLOGIN;",
            "    END IF;",
            "END $rekey$;",
        ]
    }

    private static func quoted(_ name: String) -> String {
        "\""
            + name.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    private static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }
}

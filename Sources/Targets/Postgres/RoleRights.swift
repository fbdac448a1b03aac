import RekeyPostgres

/// What a role is and may do, as the catalogues that everybody can read say it.
enum RoleRights {
    /// How many differences a sentence names; the rest it counts.
    private static let namedCount = 5

    /// One attribute, membership, setting or grant; `digest` tells values apart that are not shown.
    private struct Fact: Hashable {
        let text: String
        let digest: String?
    }

    /// What one of the roles has and the other has not, such as `b: no member of app`.
    static func differences(
        between role: String,
        and other: String,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [String] {
        let own = try facts(of: role, on: connection)
        let others = try facts(of: other, on: connection)
        let lacking = others.subtracting(own).map { "\(role) lacks \($0.text)" }
        let exceeding = own.subtracting(others).map { "\(other) lacks \($0.text)" }
        return lacking.sorted() + exceeding.sorted()
    }

    /// How many objects the role owns, in all databases.
    static func ownedCount(
        of role: String,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> Int {
        let rows = try connection.query(
            """
            SELECT count(*) FROM pg_catalog.pg_shdepend d
            JOIN pg_catalog.pg_roles r ON r.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype = 'o'
                AND r.rolname = $1
            """,
            [.text(role)]
        )
        return rows.first?.first.flatMap { $0 }.flatMap(Int.init) ?? 0
    }

    /// The first few, and how many more.
    static func summary(of differences: [String]) -> String {
        let named = differences.prefix(namedCount).joined(separator: "; ")
        let rest = differences.count - namedCount
        return rest > 0 ? "\(named); and \(rest) more" : named
    }

    private static func facts(
        of role: String,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> Set<Fact> {
        var rows = try connection.query(attributes, [.text(role)])
        rows += try connection.query(grants, [.text(role)])
        rows += try connection.query(grantsElsewhere, [.text(role)])
        return Set(rows.map { Fact(text: $0[0] ?? "", digest: $0[1]) })
    }

    /// Attributes, memberships and settings.
    ///
    /// A setting's value may be anything, so it is not shown.
    private static let attributes = """
        SELECT 'attribute ' || v.name, NULL
        FROM pg_catalog.pg_roles r, LATERAL (VALUES
            ('SUPERUSER', r.rolsuper), ('INHERIT', r.rolinherit), ('CREATEROLE', r.rolcreaterole),
            ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication),
            ('BYPASSRLS', r.rolbypassrls),
            ('CONNECTION LIMIT ' || r.rolconnlimit::text, true)
        ) v(name, is_set)
        WHERE r.rolname = $1 AND v.is_set
        UNION ALL
        SELECT 'membership in ' || g.rolname::text
            || CASE WHEN m.admin_option THEN ' with admin option' ELSE '' END, NULL
        FROM pg_catalog.pg_auth_members m
        JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
        JOIN pg_catalog.pg_roles r ON r.oid = m.member
        WHERE r.rolname = $1
        UNION ALL
        SELECT 'setting ' || split_part(s.entry, '=', 1)
            || coalesce(' in database ' || d.datname::text, ''), md5(s.entry)
        FROM pg_catalog.pg_db_role_setting c
        JOIN pg_catalog.pg_roles r ON r.oid = c.setrole
        LEFT JOIN pg_catalog.pg_database d ON d.oid = c.setdatabase
        CROSS JOIN LATERAL unnest(c.setconfig) s(entry)
        WHERE r.rolname = $1
        """

    /// Every grant in this database, and on databases and tablespaces.
    private static let grants = """
        SELECT a.privilege_type || ' on ' || o.kind || ' ' || o.name
            || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, NULL
        FROM (
            SELECT 'relation' AS kind, oid::regclass::text AS name, relacl AS acl
                FROM pg_catalog.pg_class
            UNION ALL SELECT 'column', attrelid::regclass::text || '.' || attname::text, attacl
                FROM pg_catalog.pg_attribute
            UNION ALL SELECT 'schema', nspname::text, nspacl FROM pg_catalog.pg_namespace
            UNION ALL SELECT 'function', oid::regprocedure::text, proacl FROM pg_catalog.pg_proc
            UNION ALL SELECT 'type', oid::regtype::text, typacl FROM pg_catalog.pg_type
            UNION ALL SELECT 'language', lanname::text, lanacl FROM pg_catalog.pg_language
            UNION ALL SELECT 'database', datname::text, datacl FROM pg_catalog.pg_database
            UNION ALL SELECT 'tablespace', spcname::text, spcacl FROM pg_catalog.pg_tablespace
            UNION ALL SELECT 'foreign server', srvname::text, srvacl
                FROM pg_catalog.pg_foreign_server
            UNION ALL SELECT 'foreign data wrapper', fdwname::text, fdwacl
                FROM pg_catalog.pg_foreign_data_wrapper
            UNION ALL SELECT 'defaults of', pg_get_userbyid(defaclrole)::text
                || coalesce(' in ' || n.nspname::text, '') || ' for ' || defaclobjtype::text,
                defaclacl
                FROM pg_catalog.pg_default_acl
                LEFT JOIN pg_catalog.pg_namespace n ON n.oid = defaclnamespace
        ) o
        CROSS JOIN LATERAL aclexplode(o.acl) a
        JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
        WHERE r.rolname = $1 AND o.acl IS NOT NULL
        """

    /// Grants and row policies in other databases, and here those that `grants` does not know.
    ///
    /// Their names cannot be read from outside, nor which privilege it is, so the object's number
    /// stands for them.
    private static let grantsElsewhere = """
        SELECT CASE d.deptype WHEN 'a' THEN 'a grant' WHEN 'o' THEN 'ownership' ELSE 'a policy' END
            || ' on object ' || d.objid::text || ' of ' || d.classid::regclass::text
            || coalesce(' in database ' || b.datname::text, ''), NULL
        FROM pg_catalog.pg_shdepend d
        JOIN pg_catalog.pg_roles r ON r.oid = d.refobjid
        LEFT JOIN pg_catalog.pg_database b ON b.oid = d.dbid
        WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = $1
            AND d.deptype IN ('a', 'o', 'r')
        """
}

import RekeyCore

extension JournalSettings {
    init?(_ section: Section) {
        let path = section.filePath("sqlite")
        let database = section.section("postgres").flatMap { JournalDatabaseSettings($0) }
        if section.has("sqlite") == section.has("postgres") {
            let problem = "expected exactly one of `sqlite`, for one worker, and `postgres`"
            section.findings.add(problem, at: section.place)
        }
        section.finish()
        if let path {
            self = .sqlite(path: path)
        } else if let database {
            self = .postgres(database)
        } else {
            return nil
        }
    }
}

extension JournalDatabaseSettings {
    /// PostgreSQL's NAMEDATALEN less one, less the room that names made of it take.
    private static let schemaByteLimit = 48

    fileprivate init?(_ section: Section) {
        let host = section.need("host", section.text)
        let port = section.integer("port", in: 1...65_535)
        let database = section.text("database")
        let user = section.need("user", section.text)
        let password = section.need("password", section.source)
        let schema = section.text("schema") ?? Self.defaultSchema
        if !Self.isSchema(schema) {
            section.add("expected lower-case letters, digits and `_`, at most 48", at: "schema")
        }
        let tls = section.section("tls")
        let mode = tls?.choice("mode", of: TLSMode.self) ?? .verifyFull
        let authorities = tls?.filePath("ca")
        tls?.finish()
        if let host, mode == .off, !Host.isLoopback(host) {
            tls?.add("without TLS only to this machine", at: "mode")
        }
        section.finish()
        guard let host, let user, let password else { return nil }
        self.init(
            host: host,
            port: port ?? PostgresTargetSettings.defaultPort,
            database: database ?? Self.defaultDatabase,
            user: user,
            password: password,
            schema: schema,
            tlsMode: mode,
            authorities: authorities
        )
    }

    /// Names that need no quotes, and are not PostgreSQL's own.
    private static func isSchema(_ text: String) -> Bool {
        let isWord = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        return isWord && !text.isEmpty && text.utf8.count <= schemaByteLimit
            && text.first?.isNumber == false && !text.hasPrefix("pg_")
    }
}

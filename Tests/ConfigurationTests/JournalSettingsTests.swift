import RekeyConfiguration
import RekeyCore
import Testing

@Suite struct `The journal of a configuration` {
    private static let file = "journal: {sqlite: /tmp/journal.db}"

    private func settings(_ journal: String) throws -> Settings {
        try Settings.parse(MinimalConfiguration.head.replacing(Self.file, with: journal))
    }

    private func mistakes(_ journal: String) -> [String] {
        do {
            _ = try Settings.parse(MinimalConfiguration.head.replacing(Self.file, with: journal))
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func `is a database with what is usual, or as it says`() throws {
        let least = try database("{host: db, user: rekey, password: env:P}")
        #expect(least.host == "db" && least.port == 5_432 && least.database == "rekey")
        #expect(least.user == "rekey" && least.password == .environment("P"))
        #expect(least.schema == "rekey")
        #expect(least.tlsMode == .verifyFull && least.authorities == nil)
        let most = try database(
            "{host: localhost, port: 6432, database: d, user: u, password: \"vault:prod/journal\", "
                + "schema: s_1, tls: {mode: \"off\", ca: /ca.pem}}"
        )
        #expect(most.host == "localhost" && most.port == 6_432 && most.database == "d")
        #expect(most.password == .vault(SecretReference(vault: "prod", name: "journal")))
        #expect(most.schema == "s_1")
        #expect(most.tlsMode == .off && most.authorities == "/ca.pem")
    }

    private func database(_ text: String) throws -> JournalDatabaseSettings {
        let journal = try settings("journal: {postgres: \(text)}").journal
        #expect(journal.isShared)
        guard case .postgres(let database) = journal else {
            throw MissingDatabase()
        }
        return database
    }

    private struct MissingDatabase: Error {}

    @Test func `is a file for one worker`() throws {
        #expect(try !settings(Self.file).journal.isShared)
    }

    @Test(
        arguments: [
            (
                "{}",
                ["2:10: .journal: expected exactly one of `sqlite`, for one worker, and `postgres`"]
            ),
            (
                "{sqlite: /a, postgres: {host: db, user: u, password: env:P}}",
                ["2:10: .journal: expected exactly one of `sqlite`, for one worker, and `postgres`"]
            ),
            (
                "{postgres: {hots: db, user: u, password: hunter2}}",
                [
                    "2:21: .journal.postgres: `host` is missing",
                    "2:22: .journal.postgres: unknown key; did you mean `host`?",
                    "2:51: .journal.postgres.password: expected env:NAME, file:/path or "
                        + "vault:VAULT/NAME; a secret itself does not belong here",
                ]
            ),
            (
                "{postgres: {host: db, user: u, password: env:P, schema: Rekey, tls: {mode: off}}}",
                [
                    "2:66: .journal.postgres.schema: expected lower-case letters, digits and `_`, "
                        + "at most 48",
                    "2:85: .journal.postgres.tls.mode: without TLS only to this machine",
                ]
            ),
        ]
    )
    func `is refused where it is wrong, by line and column`(
        text: String,
        expected: [String]
    ) {
        #expect(mistakes("journal: \(text)") == expected.map { "rekey.yaml:\($0)" })
    }
}

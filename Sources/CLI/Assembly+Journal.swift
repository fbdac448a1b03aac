import JournalRecords
import PostgresJournal
import RekeyConfiguration
import RekeyPorts
import RekeyPostgres
import SQLiteJournal

extension Assembly {
    /// Opens the journal for writing; of a file one worker at a time may.
    func openJournal(_ clock: any RekeyPorts.Clock) async throws -> any Journal {
        switch settings.journal {
        case .sqlite(let path): try SQLiteJournal.open(path: path, clock: clock)
        case .postgres(let database):
            try await PostgresJournal.open(adapterSettings(database), clock: clock)
        }
    }

    /// Opens the journal for reading beside a worker.
    func openReader(_ clock: any RekeyPorts.Clock) async throws -> any AuditReader {
        switch settings.journal {
        case .sqlite(let path): try SQLiteJournalReader.open(path: path, clock: clock)
        case .postgres(let database):
            try await PostgresJournalReader.open(adapterSettings(database))
        }
    }

    /// What stands in the way of opening the journal.
    ///
    /// A file is the machine's own, and opening it tells.
    func journalFindings() async -> [Finding] {
        switch settings.journal {
        case .sqlite: []
        case .postgres(let database):
            await JournalInspection.findings(adapterSettings(database))
        }
    }

    private func adapterSettings(_ database: JournalDatabaseSettings) -> PostgresJournalSettings {
        let tls: PostgresSettings.TLS =
            switch database.tlsMode {
            case .off: .disabled
            case .verifyFull:
                database.authorities.map { .verified(rootCertificatePath: $0) } ?? .systemRoots
            }
        return PostgresJournalSettings(
            host: database.host,
            port: database.port,
            database: database.database,
            user: database.user,
            tls: tls,
            schema: database.schema,
            password: secrets.source(database.password)
        )
    }
}

import PortConformance
import SQLiteJournal
import Testing

@Suite struct `A SQLite journal` {
    @Test(arguments: JournalConformance.all)
    func `keeps the promises of its port`(_ conformance: JournalConformance) async throws {
        let folder = try JournalFolder()
        try await conformance.check { clock in
            try SQLiteJournal.open(path: folder.journal, clock: clock)
        }
        withExtendedLifetime(folder) {}
    }
}

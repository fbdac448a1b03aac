/// Where the journal is.
package enum JournalSettings: Equatable, Sendable {
    /// The path of a database file, for a single worker.
    case sqlite(path: String)
}

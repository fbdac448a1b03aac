import Foundation

/// A folder for one test's journal, removed when it is dropped.
final class JournalFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("rekey-journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    /// Where the journal of the test lies.
    var journal: String { file("journal.sqlite") }

    func file(_ name: String) -> String { path + "/" + name }

    func bytes(of name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: file(name)))
    }

    deinit {
        // What cannot be removed here, the system's cleaning of temporary files removes.
        try? FileManager.default.removeItem(atPath: path)
    }
}

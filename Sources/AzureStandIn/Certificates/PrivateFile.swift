import Foundation

/// Files that this user alone may read.
enum PrivateFile {
    /// Writes a file with mode 0600, or with the mode given.
    static func write(_ data: Data, to path: String, mode: Int = 0o600) throws {
        let isWritten = FileManager.default.createFile(
            atPath: path,
            contents: data,
            attributes: [.posixPermissions: mode]
        )
        guard isWritten else { throw StandInFailure("cannot write \(path)") }
    }
}

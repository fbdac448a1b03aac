import Foundation

/// A new directory, removed when dropped, or soon after the test process is gone.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// Makes it under `TMPDIR`, or `/tmp`; `purpose` is one word for whoever looks there.
    package init(_ purpose: String = "work") throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let name = "\(Reaper.directoryMark)\(purpose)-\(UUID().uuidString.prefix(8))"
        path = (parent as NSString).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o711]
        )
        try Reaper.shared.get().removeAtEnd(path)
    }

    deinit {
        // Another test's clean-up must not fail this one; the reaper tries again at the end.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of `name` in here; nothing is made.
    package func file(_ name: String) -> String {
        (path as NSString).appendingPathComponent(name)
    }

    /// Writes `text` to `name`, readable by its owner only unless `mode` says otherwise.
    @discardableResult
    package func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let path = file(name)
        let made = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: mode]
        )
        guard made else { throw PartFailure("cannot write \(path)") }
        return path
    }
}

import Foundation

/// A new folder for a journal, on a disk, removed when dropped.
final class JournalFolder: Sendable {
    private let path: String

    /// Makes it in `parent`; throws where that keeps its files in memory.
    init(in parent: String) throws {
        let folder = URL(filePath: parent).resolvingSymlinksInPath().path(percentEncoded: false)
        guard Self.fileSystem(of: folder) != "tmpfs" else {
            throw BenchFailure("\(parent) is in memory: name a folder on a disk by --directory")
        }
        let name = "rekey-bench-\(UUID().uuidString.prefix(8))"
        path = (folder as NSString).appendingPathComponent(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        // It is of no use any more, and what cannot be removed does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    var journalPath: String { (path as NSString).appendingPathComponent("rekey.journal") }

    /// Makes a folder in it, for what else has to be on a disk.
    func makeFolder(_ name: String) throws -> String {
        let place = (path as NSString).appendingPathComponent(name)
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        return place
    }

    /// The type of the file system, from proc(5); nil where it cannot be told.
    private static func fileSystem(of folder: String) -> String? {
        // A system without the table has no tmpfs of that name either.
        guard let table = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else {
            return nil
        }
        let mounts = table.split(separator: "\n").map { $0.split(separator: " ") }
        let around = mounts.filter { mount in
            guard mount.count > 2 else { return false }
            return mount[1] == "/" || folder == mount[1] || folder.hasPrefix(mount[1] + "/")
        }
        return around.max { $0[1].count < $1[1].count }.map { String($0[2]) }
    }
}

import Foundation
import Glibc
package import RekeyCore

/// Files that are, after a crash at any point, either the old ones or the new ones, whole.
package enum AtomicFile {
    package static let defaultMode: UInt32 = 0o600

    /// Replaces the file at `path`, or makes it; doing it again changes nothing.
    ///
    /// The contents go to a new file beside it, which nobody else can read while it is written.
    /// That file gets owner and mode, is synced and takes the name; then the folder is synced. A
    /// symbolic link at `path` is itself replaced. A failure before the renaming leaves the old
    /// file, and no new one; a failure at `fsync` of the folder comes after it.
    package static func replace(
        _ path: String,
        contents: Secret,
        mode: UInt32 = AtomicFile.defaultMode,
        owner: FileOwner? = nil
    ) throws(FileFailure) {
        let (folder, name) = split(path)
        let suffix = RandomBytes.array(count: suffixByteCount).map(hexadecimal).joined()
        let temporary = "\(folder)/\(temporaryPrefix(of: name))\(suffix)"
        try create(temporary, contents: contents, mode: mode, owner: owner)
        guard unsafe rename(temporary, path) == 0 else {
            let failure = FileFailure("rename", path)
            unsafe unlink(temporary)
            throw failure
        }
        try FileDescriptor(folder, O_RDONLY | O_DIRECTORY).sync()
    }

    /// Makes a file that must not exist yet, synced; one that exists is left as it is (`EEXIST`).
    package static func create(
        _ path: String,
        contents: Secret,
        mode: UInt32 = AtomicFile.defaultMode,
        owner: FileOwner? = nil
    ) throws(FileFailure) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let file = try FileDescriptor(path, flags, mode: 0o600)
        do throws(FileFailure) {
            try file.write(contents)
            if let owner { try file.setOwner(owner) }
            try file.setMode(mode)
            try file.sync()
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Removes what a process left beside `path` that was killed while it replaced it.
    ///
    /// Only for whom nobody else replaces the same file beside. What cannot be listed or removed
    /// stays.
    package static func removeLeftovers(of path: String) {
        let (folder, name) = split(path)
        let prefix = temporaryPrefix(of: name)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for other in names where other.hasPrefix(prefix) {
            let suffix = other.dropFirst(prefix.count)
            guard suffix.utf8.count == 2 * suffixByteCount, suffix.allSatisfy(\.isHexDigit) else {
                continue
            }
            unsafe unlink("\(folder)/\(other)")
        }
    }

    private static let suffixByteCount = 8

    private static func temporaryPrefix(of name: String) -> String {
        ".\(name.prefix(namePrefixLimit))."
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// What is kept of a name in that of its temporary file, so that it stays within `NAME_MAX`.
    private static let namePrefixLimit = 40

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}

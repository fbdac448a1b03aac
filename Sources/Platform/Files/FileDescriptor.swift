import Glibc
import RekeyCore

/// An open file with one owner, closed when it is dropped.
struct FileDescriptor: ~Copyable {
    let number: Int32
    let path: String

    /// Opens `path`; a child process does not inherit it.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(FileFailure) {
        var number: Int32
        repeat {
            number = unsafe open(path, flags | O_CLOEXEC, mode)
        } while number < 0 && errno == EINTR
        guard number >= 0 else { throw FileFailure("open", path) }
        self.number = number
        self.path = path
    }

    deinit { close(number) }

    func write(_ contents: Secret) throws(FileFailure) {
        try contents.reveal { span throws(FileFailure) in
            var written = 0
            while written < span.byteCount {
                let count = unsafe span.withUnsafeBytes { bytes in
                    unsafe Glibc.write(
                        number,
                        bytes.baseAddress?.advanced(by: written),
                        bytes.count - written
                    )
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileFailure("write", path) }
                written += count
            }
        }
    }

    /// Gives the file to `owner`; where it is theirs already that needs no right.
    ///
    /// A service may be forbidden to call `fchown` at all (systemd's `~@privileged`).
    func setOwner(_ owner: FileOwner) throws(FileFailure) {
        var found = stat()
        guard unsafe fstat(number, &found) == 0 else { throw FileFailure("fstat", path) }
        if found.st_uid == owner.user, found.st_gid == owner.group { return }
        guard fchown(number, owner.user, owner.group) == 0 else {
            throw FileFailure("fchown", path)
        }
    }

    func setMode(_ mode: mode_t) throws(FileFailure) {
        guard fchmod(number, mode) == 0 else { throw FileFailure("fchmod", path) }
    }

    func sync() throws(FileFailure) {
        guard fsync(number) == 0 else { throw FileFailure("fsync", path) }
    }
}

/// Whom a file belongs to, by number.
package struct FileOwner: Equatable, Sendable {
    package let user: UInt32
    package let group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }
}

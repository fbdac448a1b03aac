import Glibc

/// A file that one process at a time holds (`flock(2)`), until the lock is dropped or it ends.
///
/// The file stays, since removing it would let two processes hold locks on different files of one
/// name. The lock is advisory and says nothing across machines.
package final class FileLock: Sendable {
    private let file: FileDescriptor

    /// Takes the lock at once, or returns `nil` where somebody else holds it.
    package static func take(_ path: String) throws(FileFailure) -> FileLock? {
        let file = try FileDescriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return nil
            default: throw FileFailure("flock", path)
            }
        }
        return FileLock(file)
    }

    private init(_ file: consuming FileDescriptor) { self.file = file }

    /// Unlocks, and does not leave that to the close: the lock belongs to the open file, of which a
    /// child that another thread is just starting holds a copy until it executes its program.
    deinit { flock(file.number, LOCK_UN) }
}

import Foundation
import Glibc
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A file lock` {
    @Test func `is held by one at a time`() throws {
        let folder = try TemporaryFolder()
        var first = try FileLock.take(folder.file("lock"))
        #expect(first != nil)
        #expect(try FileLock.take(folder.file("lock")) == nil)
        #expect(try FileLock.take(folder.file("other")) != nil)
        first = nil
        #expect(first == nil)
        #expect(try FileLock.take(folder.file("lock")) != nil)
    }

    @Test func `is seen by other processes, and not inherited by them`() async throws {
        let folder = try TemporaryFolder()
        var lock = try FileLock.take(folder.file("lock"))
        #expect(lock != nil)
        let refused = try ChildProcess(["flock", "-n", "lock", "true"], in: folder)
        #expect(await refused.exitStatus() == 1)
        let sleeper = try ChildProcess(["sleep", "60"], in: folder)
        lock = nil
        #expect(lock == nil)
        let taken = try ChildProcess(["flock", "-n", "lock", "true"], in: folder)
        #expect(await taken.exitStatus() == 0)
        sleeper.end()
        _ = await sleeper.exitStatus()
    }

    // A child that another thread was just starting kept the lock that was given back.
    @Test func `is given back though a copy of the open file lives on`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        var lock = try FileLock.take(path)
        #expect(lock != nil)
        let file = try #require(openFiles().first { $0.path == path })
        let copy = dup(file.number)
        defer { close(copy) }
        #expect(copy >= 0)
        lock = nil
        #expect(lock == nil)
        #expect(try FileLock.take(path) != nil)
    }

    private func openFiles() throws -> [(number: Int32, path: String)] {
        let folder = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
            let path = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(name)"
            )
            guard let path, let number = Int32(name) else { return nil }
            return (number, path)
        }
    }

    @Test func `says why it cannot be taken`() throws {
        let folder = try TemporaryFolder()
        let failure = #expect(throws: FileFailure.self) {
            try FileLock.take(folder.file("no/lock"))
        }
        #expect(failure?.code == ENOENT)
        #expect(failure?.description.contains("no/lock") == true)
    }
}

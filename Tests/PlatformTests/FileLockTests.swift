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

    @Test func `says why it cannot be taken`() throws {
        let folder = try TemporaryFolder()
        let failure = #expect(throws: FileFailure.self) {
            try FileLock.take(folder.file("no/lock"))
        }
        #expect(failure?.code == ENOENT)
        #expect(failure?.description.contains("no/lock") == true)
    }
}

import Foundation
import Glibc

/// The processes of one session, as proc(5) shows them, and those that left it but kept its mark.
package struct ProcessSession: Sendable {
    package let leader: Int32
    /// A variable of the environment, `NAME=value`, by which a daemon is known: it has a session of
    /// its own, as the epmd has that a RabbitMQ node starts when it misses the one it knew.
    private let mark: String?

    package init(leader: Int32, mark: String? = nil) {
        self.leader = leader
        self.mark = mark
    }

    /// The ids of those that run; zombies are not counted.
    package var members: [Int32] {
        Self.processes { $1.session == leader || isMarked($0) }
    }

    /// Says whether the process runs; a zombie does not.
    package static func isRunning(_ pid: Int32) -> Bool { fields(of: pid) != nil }

    /// The ids of the processes whose parent is `pid`.
    package static func children(of pid: Int32) -> [Int32] { processes { $1.parent == pid } }

    /// Returns how many there were.
    @discardableResult
    func kill() -> Int {
        let members = members
        for pid in members { _ = Glibc.kill(pid, SIGKILL) }
        return members.count
    }

    private func isMarked(_ pid: Int32) -> Bool {
        guard let mark else { return false }
        // Unreadable where the process is somebody else's, and so not ours to end.
        let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
        return environment.split(separator: 0).contains(Data(mark.utf8))
    }

    private static func processes(where matches: (Int32, Fields) -> Bool) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
            .filter { pid in fields(of: pid).map { matches(pid, $0) } ?? false }
    }

    /// Fields 4 and 6 of `/proc/PID/stat`; field 2, the name, may hold blanks and parentheses.
    private static func fields(of pid: Int32) -> Fields? {
        let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
        let line = String(decoding: data ?? Data(), as: UTF8.self)
        guard let end = line.lastIndex(of: ")") else { return nil }
        let words = line[line.index(after: end)...].split(separator: " ")
        guard words.count > 3, words[0] != "Z", words[0] != "X" else { return nil }
        guard let parent = Int32(words[1]), let session = Int32(words[3]) else { return nil }
        return Fields(parent: parent, session: session)
    }

    private struct Fields {
        let parent: Int32
        let session: Int32
    }
}

import Foundation
import Glibc

/// What proc(5) shows of one process.
struct ProcessFigures: Sendable {
    let pid: Int32
    let name: String
    let rssAnonKiB: Int
    let cpuSeconds: Double

    /// Throws where there is no such process.
    init(of pid: Int32) throws {
        self.pid = pid
        let status = try Self.text(of: pid, "status")
        var fields: [Substring: String] = [:]
        for line in status.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            fields[line[..<colon]] = value.trimmingCharacters(in: .whitespaces)
        }
        guard let name = fields["Name"], let anonymous = fields["RssAnon"],
            let kibibytes = anonymous.split(separator: " ").first.flatMap({ Int($0) })
        else { throw BenchFailure("/proc/\(pid)/status has no RssAnon: it has ended") }
        self.name = name
        rssAnonKiB = kibibytes
        // Fields 14 and 15; field 2, the name, may hold blanks and parentheses.
        let stat = try Self.text(of: pid, "stat")
        let words = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else {
            throw BenchFailure("/proc/\(pid)/stat has no times")
        }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(of pid: Int32, _ file: String) throws -> String {
        let path = "/proc/\(pid)/\(file)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchFailure("\(path) cannot be read: is there such a process?")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

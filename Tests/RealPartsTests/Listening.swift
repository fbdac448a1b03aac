import RealParts

/// The local addresses that a process listens on, as hexadecimal of proc(5)'s `net/tcp`.
enum Listening {
    static func addresses(of pid: Int32) async throws -> [String] {
        let sockets = try await ChildProcess.run("ls", ["-l", "/proc/\(pid)/fd"])
        let tables = try await ChildProcess.run("cat", ["/proc/net/tcp", "/proc/net/tcp6"])
        return tables.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            // Column 4 is the state, 0A is LISTEN; column 10 is the inode.
            guard words.count > 9, words[3] == "0A" else { return nil }
            guard sockets.output.contains("socket:[\(words[9])]") else { return nil }
            return words[1].split(separator: ":").first.map(String.init)
        }
    }
}

import Foundation
import RekeyCore
import RekeyPlatform

/// What the agent did last for each credential: one small file each, replaced atomically.
struct AgentJournal: Sendable {
    /// What became of the last delivery to one variable of one file.
    struct Entry: Codable, Equatable, Sendable {
        enum State: String, Codable, Sendable { case begun, applied, failed }

        var key: String
        var sequence: Int
        var state: State
        var detail: String
    }

    /// A credential may go to several variables and files of a site, each by a hook of its own.
    struct Record: Codable, Equatable, Sendable {
        let credential: String
        var entries: [String: Entry] = [:]

        var highestSequence: Int { entries.values.map(\.sequence).max() ?? 0 }
    }

    let directory: String

    /// Empty for a credential that never was delivered.
    func record(of credential: String) throws(AgentFailure) -> Record {
        let path = path(of: credential)
        guard FileManager.default.fileExists(atPath: path) else {
            return Record(credential: credential)
        }
        guard let bytes = FileManager.default.contents(atPath: path),
            let record = try? JSONDecoder().decode(Record.self, from: bytes),
            record.credential == credential
        else { throw AgentFailure("\(path) cannot be read: move it away to begin anew") }
        return record
    }

    /// Durable when it returns.
    func keep(_ record: Record) throws(AgentFailure) {
        do {
            let bytes = try JSONEncoder().encode(record)
            try AtomicFile.replace(
                path(of: record.credential),
                contents: Secret(copying: bytes)
            )
        } catch {
            throw AgentFailure("the agent's journal cannot be written: \(error)")
        }
    }

    private func path(of credential: String) -> String {
        let name = Digest.sha256(Array(credential.utf8)).prefix(16)
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "\(directory)/\(name).json"
    }
}

/// Why the agent did not do as it was told: codes and names only.
struct AgentFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

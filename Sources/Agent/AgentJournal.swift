import Foundation
import RekeyCore
import RekeyPlatform

/// What the agent did last for each credential: one small file each, replaced atomically.
struct AgentJournal: Sendable {
    struct Entry: Codable, Equatable, Sendable {
        enum State: String, Codable, Sendable { case begun, applied, failed }

        var credential: String
        var key: String
        var sequence: Int
        var state: State
        var detail: String
    }

    let directory: String

    /// The last entry; nil for a credential that never was delivered.
    func entry(of credential: String) throws(AgentFailure) -> Entry? {
        let path = path(of: credential)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path),
            let entry = try? JSONDecoder().decode(Entry.self, from: bytes)
        else { throw AgentFailure("\(path) cannot be read: move it away to begin anew") }
        return entry
    }

    /// Durable when it returns.
    func record(_ entry: Entry) throws(AgentFailure) {
        do {
            let bytes = try JSONEncoder().encode(entry)
            try AtomicFile.replace(
                path(of: entry.credential),
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

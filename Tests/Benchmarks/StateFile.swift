import Foundation

/// A value that outlives the process: read at each use, and replaced as a whole.
///
/// A killed process leaves the value before or after a change, never a part of one. It is not
/// synced to the disk: a power cut is another matter.
struct StateFile<Value: Codable & Sendable>: Sendable {
    let path: String

    init(_ name: String, in folder: String) { path = "\(folder)/\(name).json" }

    /// nil where it was never written.
    func read() throws -> Value? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try JSONDecoder().decode(Value.self, from: data)
    }

    func write(_ value: Value) throws {
        try JSONEncoder().encode(value).write(to: URL(filePath: path), options: .atomic)
    }
}

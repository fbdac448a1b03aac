import Foundation

/// Every request, in order, in memory and in an append-only file of JSON lines.
///
/// No value is ever in it: a credential is known by its SHA-256 digest. A line is in the file
/// before the request is answered.
struct ChangeLog {
    private(set) var entries: [JSON] = []
    private let file: FileHandle?

    /// Begins a file, and keeps that of the run before as `….previous`; nil is memory only.
    init(path: String?) throws {
        guard let path else {
            file = nil
            return
        }
        if FileManager.default.fileExists(atPath: path) {
            let previous = "\(path).previous"
            if FileManager.default.fileExists(atPath: previous) {
                try FileManager.default.removeItem(atPath: previous)
            }
            try FileManager.default.moveItem(atPath: path, toPath: previous)
        }
        try PrivateFile.write(Data(), to: path)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        file = handle
    }

    var last: Int { entries.count }

    /// Adds a line; its sequence number is one more than the last one's.
    mutating func append(_ members: [String: JSON], at time: Date) throws {
        var line = members
        line["sequence"] = .integer(entries.count + 1)
        line["time"] = .string(TimeText.milliseconds(time))
        let entry = JSON.object(line)
        entries.append(entry)
        try file?.write(contentsOf: entry.bytes + [UInt8(ascii: "\n")])
    }

    /// Entries after a sequence number, of one API or of all.
    func entries(since sequence: Int, api: String?) -> [JSON] {
        guard sequence < entries.count else { return [] }
        return entries[max(0, sequence)...].filter { api == nil || $0["api"]?.string == api }
    }
}

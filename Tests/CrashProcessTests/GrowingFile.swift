import Foundation
import Synchronization

/// The lines of a log that something writes to meanwhile, of which each is read once.
final class GrowingFile: Sendable {
    private struct State {
        var offset: UInt64 = 0
        var lines: [String] = []
    }

    private let path: String
    private let holds: @Sendable (String) -> Bool
    private let state = Mutex(State())

    /// Only lines that `holds` picks are kept.
    init(_ path: String, where holds: @escaping @Sendable (String) -> Bool) {
        self.path = path
        self.holds = holds
    }

    /// What was kept so far, from the beginning on.
    func lines() throws -> [String] {
        try state.withLock { state in
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            try file.seek(toOffset: state.offset)
            let data = try file.readToEnd() ?? Data()
            // The last line may still be on its way.
            guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return state.lines }
            let whole = data[...end]
            state.offset += UInt64(whole.count)
            state.lines += whole.split(separator: UInt8(ascii: "\n"))
                .map { String(decoding: $0, as: UTF8.self) }.filter(holds)
            return state.lines
        }
    }
}

import Foundation
import Synchronization

/// Everything that happened, line by line: kept as a digest, and where asked for in a file.
final class SimulationTrace: Sendable {
    private struct State {
        /// FNV-1a over all bytes.
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        var byteCount = 0
        var lineCount = 0
        var waiting: [UInt8] = []
        var file: FileHandle?
    }

    private let state: Mutex<State>

    /// Throws where the file cannot be made.
    init(path: String?) throws {
        var file: FileHandle?
        if let path {
            try Data().write(to: URL(filePath: path))
            file = try FileHandle(forWritingTo: URL(filePath: path))
        }
        state = Mutex(State(file: file))
    }

    var digest: String {
        let digits = String(state.withLock { $0.digest }, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    var byteCount: Int { state.withLock { $0.byteCount } }
    var lineCount: Int { state.withLock { $0.lineCount } }

    func note(_ line: String, at elapsed: Double) {
        let text = "\(Int(elapsed * 1_000)) \(line)\n"
        state.withLock { state in
            for byte in text.utf8 {
                state.digest = (state.digest ^ UInt64(byte)) &* 0x100_0000_01B3
                state.byteCount += 1
            }
            state.lineCount += 1
            guard state.file != nil else { return }
            state.waiting += text.utf8
            if state.waiting.count > Self.bufferBytes { Self.flush(&state) }
        }
    }

    /// Writes what is left.
    func close() {
        state.withLock { state in
            Self.flush(&state)
            // What cannot be closed ends with the process.
            try? state.file?.close()
            state.file = nil
        }
    }

    private static func flush(_ state: inout State) {
        state.file?.write(Data(state.waiting))
        state.waiting = []
    }

    private static let bufferBytes = 1 << 20
}

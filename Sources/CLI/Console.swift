import Foundation
import RekeyTelemetry

/// Standard output, a line at a time.
///
/// Much of what is shown comes from others: names in events, reasons of sites. What could end a
/// line, or command the terminal, is shown as an escape.
enum Console {
    static func line(_ text: String) { write(LogText.escaped(text)) }

    /// Text that may have several lines.
    static func text(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            Self.line(String(line))
        }
    }

    private static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// Lines whose columns are aligned by spaces.
    static func table(_ texts: [[String]]) {
        let rows = texts.map { row in row.map { LogText.escaped($0) } }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { index, cell in
                let pad = max(0, widths[index] - cell.count)
                return index == row.count - 1 ? cell : cell + String(repeating: " ", count: pad)
            }
            write(cells.joined(separator: "  "))
        }
    }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        write(LogText.escaped(json: String(decoding: try encoder.encode(value), as: UTF8.self)))
    }
}

import Foundation
import Testing

/// Rows that vanish take their expectation with them, so they are counted.
@Suite struct `The borrowed rows` {
    /// How many numbers a suite has at its source, and how many cases here.
    private static let suites: [(letter: String, rows: [BorrowedRow], numbers: Int, cases: Int)] = [
        ("A", AWSRows.all, 35, 39), ("B", StageRows.all, 14, 18), ("C", JournalRows.all, 13, 16),
        ("D", DueRows.all, 20, 20), ("E", ThresholdRows.all, 3, 23), ("F", GraphRows.all, 4, 4),
    ]

    private static let all = suites.flatMap(\.rows)

    @Test func `are all there, each number of its source`() {
        for suite in Self.suites {
            let expected = Set((1...suite.numbers).map { "\(suite.letter)\($0)" })
            #expect(Set(suite.rows.map(\.number)) == expected)
            #expect(suite.rows.count == suite.cases)
            #expect(Set(suite.rows.map(\.id)).count == suite.rows.count, "an id is there twice")
        }
    }

    @Test func `name their source to the place`() {
        for row in Self.all {
            #expect(row.source.repository.split(separator: "/").count == 2, "\(row)")
            let digits = row.source.commit.filter(\.isHexDigit)
            #expect(row.source.commit == digits && digits.count == 7, "\(row)")
            #expect(!row.source.file.isEmpty && !row.source.place.isEmpty, "\(row)")
            #expect(!row.expects.isEmpty, "\(row)")
        }
    }

    @Test func `say why, where Rekey does otherwise`() {
        var counts: [String: Int] = [:]
        for row in Self.all {
            if let reason = row.verdict.reason { #expect(reason.count > 20, "\(row)") }
            switch row.verdict {
            case .same: counts["same", default: 0] += 1
            case .differs: counts["differs", default: 0] += 1
            case .nearest: counts["nearest", default: 0] += 1
            }
        }
        let sum = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let line = "borrowed suites: \(Self.all.count) rows, \(sum.joined(separator: ", "))\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

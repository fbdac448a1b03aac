import Foundation
import Testing

/// The traps of deploy/rabbitmq/README.md, and the tests that fail where one is walked into.
///
/// Most guards can be switched off by `Guards`, and their tests show both sides. Where nothing can
/// be switched off, the guard was taken out by hand once, as the second column says.
///
/// | row | what was taken out by hand |
/// |---|---|
/// | 1 | the own frame loop: the header of a return read by `amqp_read_message`; channel 2 opened |
/// | 7 | the second connection: an event published before each acknowledgement, on its connection |
/// | 11 | parked queues declared first: declared after what dead-letters to them |
/// | 12 | plain exchanges: declared as `x-delayed-message`; queues with `x-message-ttl` |
/// | 13 | a tag for each way of consuming: the same for both |
@Suite struct `The thirteen traps of the broker` {
    private static let tests: [Int: [String]] = [
        1: [
            "sees one channel on each of two connections",
            "loses no delivery that comes before an answer",
            "hears of an alarm between a returned event and its header",
        ],
        2: [
            "that reads nothing does not hold up a publisher",
            "that reads nothing holds up a publisher for ever without the watchdog",
            "that is silent is noticed by the read before a publish",
        ],
        3: ["delivers again under the limit that is declared, and not under -1"],
        4: [
            "parks at a limit that is a number, and never at one that is a text",
            "sees no delayed exchange, no lifetime and a positive limit on every queue",
        ],
        5: ["replays without what a dead letter carried, or with it"],
        6: ["hears of a deleted queue, or does not"],
        7: [
            "with an alarm takes acknowledgements and confirms later",
            "is never published to and acknowledged on at once",
        ],
        8: ["with an alarm takes acknowledgements and confirms later"],
        9: ["refuses headers that fit no frame, or loses the connection"],
        10: [
            "that nests headers deeply does no harm",
            "that nests headers deeply ends a process with small stacks",
        ],
        11: [
            "sees what dead letters need declared before what has them",
            "waits for it in the queue that it comes from",
            "is lost without the strategy that waits",
        ],
        12: ["sees no delayed exchange, no lifetime and a positive limit on every queue"],
        13: [
            "keeps its connection when a tag is settled twice, or loses it",
            "takes no innocent along with what kills it, or all of them",
        ],
    ]

    @Test func `have each a test of that name`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        var source = ""
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            source += try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        }
        #expect(Self.tests.keys.sorted() == Array(1...13))
        for (row, names) in Self.tests {
            for name in names { #expect(source.contains("func `\(name)`"), "row \(row): \(name)") }
        }
    }
}

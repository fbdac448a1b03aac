import Foundation
import Logging
import Synchronization
import Testing

import RekeyTelemetry

@Suite struct `A log` {
    /// Keeps what is written.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        var output: LogOutput { LogOutput { line in self.lines.withLock { $0.append(line) } } }
    }

    private func logger(_ form: LogLines.Form, _ lines: Lines) -> Logger {
        Logger(label: "rekey") { label in
            LogLines(label: label, form: form, level: .debug, output: lines.output) {
                Date(timeIntervalSince1970: 1_000_000_000.25)
            }
        }
    }

    @Test func `is one line of words for people`() {
        let lines = Lines()
        var logger = logger(.plain, lines)
        logger[.step] = "apply"
        logger.info("Began", metadata: Logger.Metadata([.rotation: "1", .reason: "a b"]))
        #expect(
            lines.all == [
                "2001-09-09T01:46:40.250Z info Began reason=\"a b\" rotation.id=1 step=apply"
            ]
        )
    }

    @Test func `is one JSON object for programs`() throws {
        let lines = Lines()
        let metadata = Logger.Metadata([
            .count: .stringConvertible(3), .reason: .array(["a\"", "b"]),
            .failure: .dictionary(["k": "v"]),
        ])
        logger(.json, lines).error("Stuck", metadata: metadata)
        let line = try #require(lines.all.first)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["time"] as? String == "2001-09-09T01:46:40.250Z")
        #expect(object?["level"] as? String == "error")
        #expect(object?["message"] as? String == "Stuck")
        #expect(object?["logger"] as? String == "rekey")
        #expect(object?["count"] as? String == "3")
        #expect(object?["reason"] as? [String] == ["a\"", "b"])
        #expect(object?["failure"] as? [String: String] == ["k": "v"])
    }

    // CWE-117: a secret's name with a line feed once forged lines of a rotator's log.
    @Test(arguments: LogLines.Form.allCases)
    func `cannot be forged by what it is told`(form: LogLines.Form) throws {
        let lines = Lines()
        let attack = "a\n2001 error Stuck\r\u{1B}[2J\u{2028}\u{202E}\u{85}\"} {"
        logger(form, lines).warning("\(attack)", metadata: [attack: .string(attack)])
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        for scalar in line.unicodeScalars {
            #expect(!"\n\r\u{1B}\u{2028}\u{202E}\u{85}".unicodeScalars.contains(scalar))
        }
        guard form == .json else { return }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["message"] as? String == attack)
        #expect(object?[attack] as? String == attack)
    }

    @Test func `leaves out what is under its level`() {
        let lines = Lines()
        logger(.plain, lines).trace("Unseen")
        #expect(lines.all.isEmpty)
    }

    @Test func `keeps copies of a logger apart`() {
        let lines = Lines()
        var first = logger(.plain, lines)
        first[.step] = "apply"
        var second = first
        second[.step] = "prove"
        second.logLevel = .error
        first.info("One")
        second.info("Two")
        #expect(lines.all == ["2001-09-09T01:46:40.250Z info One step=apply"])
    }

    @Test func `has keys that are told apart`() {
        #expect(Set(LogKey.allCases.map(\.rawValue)).count == LogKey.allCases.count)
    }
}

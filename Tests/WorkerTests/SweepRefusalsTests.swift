import Logging
import RekeyCore
import Synchronization
import Testing

@testable import RekeyWorker

@Suite struct `What is due and does not begin` {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// Keeps the reasons of warnings.
    private struct Warnings: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.level == .warning else { return }
            let reason = "\(event.metadata?["failure.reason"] ?? "")"
            lines.all.withLock { $0.append(reason) }
        }
    }

    @Test func `is told once, and again for another reason or after a rotation`() {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Warnings(lines: lines) }
        let refusals = SweepRefusals()
        for why in ["carriers disagree", "carriers disagree", "disabled", "carriers disagree"] {
            refusals.tell(why, about: "orders", to: logger)
        }
        refusals.tell("disabled", about: "shop", to: logger)
        refusals.forget("orders")
        refusals.tell("carriers disagree", about: "orders", to: logger)
        let expected = [
            "carriers disagree", "disabled", "carriers disagree", "disabled", "carriers disagree",
        ]
        #expect(lines.all.withLock { $0 } == expected)
    }
}

import Logging
import Synchronization

/// Keeps what a worker warns of.
package final class WarningLog: Sendable {
    private let kept = Mutex<[String]>([])

    package var lines: [String] { kept.withLock { $0 } }

    package func clear() { kept.withLock { $0 = [] } }

    var logger: Logger { Logger(label: "worker") { _ in Kept(log: self) } }

    private struct Kept: LogHandler {
        let log: WarningLog
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            let words = ["\(event.message)"] + pairs.map { "\($0.key)=\($0.value)" }
            log.kept.withLock { $0.append(words.joined(separator: " ")) }
        }
    }
}

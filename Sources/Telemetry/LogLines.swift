package import Foundation
package import Logging
import RekeyCore

/// Writes log lines, as text for people or as JSON for programs.
package struct LogLines: LogHandler {
    package enum Form: Sendable, CaseIterable { case plain, json }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let form: Form
    private let output: LogOutput
    private let now: @Sendable () -> Date

    package init(
        label: String,
        form: Form,
        level: Logger.Level = .info,
        output: LogOutput = .standardError
    ) {
        self.init(label: label, form: form, level: level, output: output) { Date() }
    }

    /// The same with a clock of one's own, for tests.
    package init(
        label: String,
        form: Form,
        level: Logger.Level,
        output: LogOutput,
        now: @escaping @Sendable () -> Date
    ) {
        self.label = label
        self.form = form
        self.logLevel = level
        self.output = output
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { _, new in new }
        all.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { all[LogKey.failure.rawValue] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }
        switch form {
        case .plain: output.write(plain(event, pairs))
        case .json: output.write(json(event, pairs))
        }
    }

    private func plain(
        _ event: LogEvent,
        _ pairs: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        var words = [
            Timestamp.text(now()), event.level.rawValue, LogText.escaped(event.message.description),
        ]
        for (key, value) in pairs {
            let text = LogText.text(value)
            let isPlain = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
            words.append(
                "\(LogText.escaped(key))=\(isPlain ? LogText.escaped(text) : LogText.json(text))"
            )
        }
        return words.joined(separator: " ")
    }

    private func json(
        _ event: LogEvent,
        _ pairs: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        let fixed: [(String, String)] = [
            ("time", LogText.json(Timestamp.text(now()))),
            ("level", LogText.json(event.level.rawValue)),
            ("logger", LogText.json(label)),
            ("message", LogText.json(event.message.description)),
        ]
        let all = fixed + pairs.map { ($0.key, LogText.json($0.value)) }
        return "{" + all.map { LogText.json($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }
}

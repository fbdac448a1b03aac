import Logging
import RekeyConfiguration
import RekeyTelemetry

/// Logs go to standard error, in the form that the configuration asks for.
enum ConsoleLog {
    static func logger(_ settings: LogSettings) -> Logger {
        let level: Logger.Level =
            switch settings.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        return logger(settings.form == .json ? .json : .plain, level)
    }

    static func logger(_ form: LogLines.Form = .plain, _ level: Logger.Level = .info) -> Logger {
        Logger(label: "rekey") { label in
            LogLines(label: label, form: form, level: level, output: .standardError)
        }
    }
}

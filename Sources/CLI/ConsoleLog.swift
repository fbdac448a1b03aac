import Logging
import RekeyConfiguration

/// Logs go to standard error, in the form that the configuration asks for.
enum ConsoleLog {
    static func logger(_ settings: LogSettings) -> Logger {
        var logger = Logger(label: "rekey") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel =
            switch settings.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        return logger
    }
}

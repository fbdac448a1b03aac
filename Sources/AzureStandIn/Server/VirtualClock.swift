import Foundation

/// The stand-in's time: the machine's, moved by an offset that the control API sets.
struct VirtualClock: Sendable {
    var offsetSeconds = 0.0
    /// For tests: time stands still here.
    var frozen: Date?

    /// What certificates, expiry dates and tokens are compared with.
    var now: Date { real.addingTimeInterval(offsetSeconds) }

    /// What lags are measured with: moving the offset does not shorten them.
    var real: Date { frozen ?? Date() }
}

/// Times as Azure writes them.
enum TimeText {
    private static let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// `2026-11-21T12:00:00Z`, as in Graph.
    static func seconds(_ date: Date) -> String {
        date.formatted(.iso8601)
    }

    /// `2026-11-21T12:00:00.123Z`.
    static func milliseconds(_ date: Date) -> String {
        date.formatted(fractional)
    }

    /// With an offset, as Automation writes them.
    static func offset(_ date: Date) -> String {
        milliseconds(date).replacing("Z", with: "+00:00")
    }

    /// Reads a time with or without a fraction; nil where it is none.
    static func parse(_ text: String) -> Date? {
        (try? Date(text, strategy: fractional)) ?? (try? Date(text, strategy: .iso8601))
    }
}

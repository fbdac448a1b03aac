import Foundation
import RekeyPlatform

/// How long a server asks to be left alone (RFC 9110 §10.2.3).
enum RetryAfter {
    /// A longer time is cut to this, so that a broken header cannot stop a rotation.
    static let limitSeconds = 3600.0

    /// nil where there is no such header, or it cannot be read.
    static func seconds(_ headers: HTTPHeaders, now: Date = Date()) -> Double? {
        guard let value = headers["retry-after"] else { return nil }
        let asked = Double(value) ?? date(value)?.timeIntervalSince(now)
        guard let asked, asked.isFinite else { return nil }
        return min(max(0, asked), limitSeconds)
    }

    /// The preferred form of a date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}

import Foundation
import RekeyCore
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
    ///
    /// Foundation's `DateFormatter` stops the process over a text with a combining mark.
    private static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].last == ",", words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp.date("\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

package import Foundation

/// Instants as RFC 3339 writes them, in UTC and to the millisecond.
package enum Timestamp {
    /// What lies outside of the years 1583 to 9999 is written as the nearest instant within: the
    /// form has four digits, and readers disagree about the calendar before.
    package static func text(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970
        let written = seconds >= earliest ? min(seconds, latest) : earliest
        let milliseconds = Int64((written * 1_000).rounded())
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let inDay = rest < 0 ? rest + 86_400_000 : rest
        let (year, month, day) = civil(fromDays: rest < 0 ? days - 1 : days)
        let time = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1_000 % 60]
            .map { padded($0, to: 2) }.joined(separator: ":")
        let date = "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
        return "\(date)T\(time).\(padded(inDay % 1_000, to: 3))Z"
    }

    /// Reads RFC 3339 with any offset; nil where it is something else, or outside of the years
    /// that `text` writes.
    package static func date(_ text: String) -> Date? {
        let style = Date.ISO8601FormatStyle()
        let precise = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // One of two forms is expected to fail: the standard library has no lenient one.
        guard let date = (try? precise.parse(text)) ?? (try? style.parse(text)),
            (earliest...latest).contains(date.timeIntervalSince1970)
        else { return nil }
        return date
    }

    /// The beginning of 1583, the first whole year of the Gregorian calendar.
    private static let earliest = -12_212_553_600.0
    /// The last millisecond of 9999.
    private static let latest = 253_402_300_799.999

    private static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Days since 1970 to a date of the Gregorian calendar, by eras of 400 years.
    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

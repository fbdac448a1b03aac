package import Foundation

extension MaintenanceWindow {
    /// Whether a rotation may begin.
    package enum Verdict: Equatable, Sendable {
        case begin
        /// Not before the date; with `alarms` somebody is told that an opening was missed.
        case wait(until: Date, alarms: Bool)
    }

    /// Days that are looked ahead: a week, and the days that a change of the clocks may move.
    private static let horizonDays = 9
    private static let secondsPerDay = 86_400.0
    private static let minutesPerDay = 1_440

    /// Whether the system knows the rules of this IANA zone.
    package static func isZone(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

    package func isOpen(at date: Date) -> Bool {
        openings(around: date).contains { $0.start <= date && date < $0.end }
    }

    /// The first opening that ends after `date`; it may have begun before.
    ///
    /// The clocks' changes: a time that is left out counts an hour later, and where nothing were
    /// left of the window by that, it keeps its length; of a time that comes twice the first
    /// counts.
    package func opening(endingAfter date: Date) -> DateInterval? {
        openings(around: date).first { $0.end > date }
    }

    /// Whether a rotation that has been due since `due` may begin at `now`.
    package func verdict(dueAt due: Date, endsAt end: Date?, at now: Date) -> Verdict {
        // Without the zone's rules nobody knows when it opens.
        guard let next = opening(endingAfter: now) else {
            return .wait(until: now + Self.secondsPerDay, alarms: true)
        }
        if next.start <= now { return .begin }
        let hasPassed = opening(endingAfter: due).map { $0.end <= now } ?? false
        let comesTooLate = end.map { $0 <= next.start } ?? false
        let isMissed = hasPassed || comesTooLate
        switch onMissed {
        case .runNow where isMissed: return .begin
        case .runNow, .next: return .wait(until: next.start, alarms: false)
        case .alarm: return .wait(until: next.start, alarms: isMissed)
        }
    }

    /// The openings from the day before `date` on, in order.
    private func openings(around date: Date) -> [DateInterval] {
        guard let zone = TimeZone(identifier: zone) else { return [] }
        let local = date.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: date))
        let today = Int((local / Self.secondsPerDay).rounded(.down))
        return (today - 1...today + Self.horizonDays).compactMap { day in
            // 1970-01-01 was a Thursday.
            let weekday = Weekday(rawValue: ((day + 4) % 7 + 7) % 7 + 1)
            guard let weekday, days.contains(weekday) else { return nil }
            let closesNextDay = closesAtMinute <= opensAtMinute
            let start = instant(day, opensAtMinute, zone)
            let end = instant(closesNextDay ? day + 1 : day, closesAtMinute, zone)
            let minutes = closesAtMinute - opensAtMinute + (closesNextDay ? Self.minutesPerDay : 0)
            let length = Double(minutes) * 60
            return DateInterval(start: start, end: start < end ? end : start + length)
        }
    }

    /// The instant at which a clock in `zone` shows `minute` of a day counted from 1970.
    ///
    /// Foundation's `Calendar` does not keep minutes over a gap on Linux, so this does.
    private func instant(_ day: Int, _ minute: Int, _ zone: TimeZone) -> Date {
        let wall = Double(day) * Self.secondsPerDay + Double(minute) * 60
        let shown = Date(timeIntervalSince1970: wall)
        // No zone is a day off, so these lie before and after any change of the clocks.
        let before = zone.secondsFromGMT(for: shown - Self.secondsPerDay)
        let after = zone.secondsFromGMT(for: shown + Self.secondsPerDay)
        let candidates = [shown - Double(before), shown - Double(after)]
        let valid = zip(candidates, [before, after])
            .filter { zone.secondsFromGMT(for: $0.0) == $0.1 }
            .map(\.0)
        return valid.min() ?? candidates[0]
    }
}

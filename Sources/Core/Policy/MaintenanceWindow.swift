/// When routine rotations may begin, by the clock on the wall of one time zone.
package struct MaintenanceWindow: Codable, Equatable, Sendable {
    /// What becomes of a rotation for which the last good opening went by.
    ///
    /// An opening is missed when a whole one passed since the rotation was due, or when the
    /// credential ends before the next.
    package enum OnMissed: String, Codable, Sendable, CaseIterable {
        /// It begins at once, outside of the window.
        case runNow
        /// It waits for the next opening, whatever ends meanwhile.
        case next
        /// It waits for the next opening, and somebody is told.
        case alarm
    }

    /// A day of the week, numbered as Foundation's calendars do.
    package enum Weekday: Int, Codable, Sendable, CaseIterable, Comparable {
        case sunday = 1
        case monday, tuesday, wednesday, thursday, friday, saturday

        /// The three letters by which the configuration knows it.
        package var abbreviation: String {
            switch self {
            case .sunday: "sun"
            case .monday: "mon"
            case .tuesday: "tue"
            case .wednesday: "wed"
            case .thursday: "thu"
            case .friday: "fri"
            case .saturday: "sat"
            }
        }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// An IANA name, such as `Africa/Cairo`; kept as a name, since its rules change.
    package let zone: String
    /// The days on which a window opens.
    package let days: Set<Weekday>
    /// Minutes after midnight, 0 to 1439.
    package let opensAtMinute: Int
    /// Minutes after midnight; not after `opensAtMinute` means on the next day.
    package let closesAtMinute: Int
    package let onMissed: OnMissed

    package init(
        zone: String,
        days: Set<Weekday>,
        opensAtMinute: Int,
        closesAtMinute: Int,
        onMissed: OnMissed
    ) {
        self.zone = zone
        self.days = days
        self.opensAtMinute = opensAtMinute
        self.closesAtMinute = closesAtMinute
        self.onMissed = onMissed
    }
}

import RekeyCore

extension MaintenanceWindow {
    init?(_ section: Section) {
        let zone = section.need("zone", section.text)
        let names = section.texts("days")
        let opens = section.need("from") { minute(section, $0) }
        let closes = section.need("to") { minute(section, $0) }
        let onMissed = section.choice("onMissed", of: OnMissed.self) ?? .next
        section.finish()
        if let zone, !MaintenanceWindow.isZone(zone) {
            section.add("expected an IANA time zone such as Africa/Cairo", at: "zone")
        }
        var days = Set(Weekday.allCases)
        if section.has("days") {
            days = Set(names.compactMap(weekday))
            if days.isEmpty || days.count != names.count {
                section.add("expected days such as [mon, tue], each once", at: "days")
            }
        }
        guard let zone, let opens, let closes else { return nil }
        if opens == closes { section.add("the window is empty", at: "to") }
        self.init(
            zone: zone,
            days: days,
            opensAtMinute: opens,
            closesAtMinute: closes,
            onMissed: onMissed
        )
    }
}

private func weekday(_ name: String) -> MaintenanceWindow.Weekday? {
    MaintenanceWindow.Weekday.allCases.first { $0.abbreviation == name }
}

/// A time of day as `02:30`, in minutes after midnight.
private func minute(_ section: Section, _ key: String) -> Int? {
    guard let text = section.text(key) else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
        let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else {
        section.add("expected a time of day such as \"02:30\", in quotes", at: key)
        return nil
    }
    return hour * 60 + minute
}

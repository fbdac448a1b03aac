import Foundation
import RekeyCore
import Testing

@Suite struct `A maintenance window` {
    private func date(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    private func window(
        _ zone: String,
        _ opens: Int,
        _ closes: Int,
        days: Set<MaintenanceWindow.Weekday> = Set(MaintenanceWindow.Weekday.allCases),
        onMissed: MaintenanceWindow.OnMissed = .next
    ) -> MaintenanceWindow {
        MaintenanceWindow(
            zone: zone,
            days: days,
            opensAtMinute: opens,
            closesAtMinute: closes,
            onMissed: onMissed
        )
    }

    /// Zone, opening and closing in minutes, an instant, and the opening that ends after it.
    @Test(arguments: [
        ("UTC", 60, 120, "2026-11-21T00:00:00Z", "2026-11-21T01:00:00Z", "2026-11-21T02:00:00Z"),
        // Open now, and closed from its end on.
        ("UTC", 60, 120, "2026-11-21T01:30:00Z", "2026-11-21T01:00:00Z", "2026-11-21T02:00:00Z"),
        ("UTC", 60, 120, "2026-11-21T02:00:00Z", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z"),
        // Past midnight: it belongs to the day on which it opens.
        ("UTC", 1_380, 60, "2026-11-21T00:30:00Z", "2026-11-20T23:00:00Z", "2026-11-21T01:00:00Z"),
        // Half-hour zones.
        (
            "Asia/Kolkata", 60, 120, "2026-11-21T00:00:00Z", "2026-11-21T19:30:00Z",
            "2026-11-21T20:30:00Z"
        ),
        // New York leaves out 02:00 to 03:00 on 2026-03-08: the window keeps its length, later.
        (
            "America/New_York", 135, 165, "2026-03-08T05:00:00Z", "2026-03-08T07:15:00Z",
            "2026-03-08T07:45:00Z"
        ),
        // The day before, and the day after.
        (
            "America/New_York", 135, 165, "2026-03-07T05:00:00Z", "2026-03-07T07:15:00Z",
            "2026-03-07T07:45:00Z"
        ),
        (
            "America/New_York", 135, 165, "2026-03-09T05:00:00Z", "2026-03-09T06:15:00Z",
            "2026-03-09T06:45:00Z"
        ),
        // New York has 01:00 to 02:00 twice on 2026-11-01: the first of them counts.
        (
            "America/New_York", 75, 105, "2026-11-01T04:30:00Z", "2026-11-01T05:15:00Z",
            "2026-11-01T05:45:00Z"
        ),
        // Across the change it lasts an hour longer.
        (
            "America/New_York", 30, 150, "2026-11-01T04:00:00Z", "2026-11-01T04:30:00Z",
            "2026-11-01T07:30:00Z"
        ),
        // Berlin leaves out 02:00 to 03:00 on 2026-03-29.
        (
            "Europe/Berlin", 60, 180, "2026-03-28T23:30:00Z", "2026-03-29T00:00:00Z",
            "2026-03-29T01:00:00Z"
        ),
        // All of it, and what begins in it: nothing were left of the window.
        (
            "Europe/Berlin", 120, 180, "2027-03-27T23:30:00Z", "2027-03-28T01:00:00Z",
            "2027-03-28T02:00:00Z"
        ),
        (
            "Europe/Berlin", 150, 195, "2027-03-27T23:30:00Z", "2027-03-28T01:30:00Z",
            "2027-03-28T02:15:00Z"
        ),
        // Cairo leaves out midnight to 01:00 on 2026-04-24.
        (
            "Africa/Cairo", 30, 120, "2026-04-23T21:00:00Z", "2026-04-23T22:30:00Z",
            "2026-04-23T23:00:00Z"
        ),
    ])
    func `opens by the clock on the wall`(
        zone: String,
        opens: Int,
        closes: Int,
        instant: String,
        start: String,
        end: String
    ) throws {
        let opening = window(zone, opens, closes).opening(endingAfter: try date(instant))
        #expect(opening?.start == (try date(start)))
        #expect(opening?.end == (try date(end)))
    }

    @Test func `opens on its days only, as its zone counts them`() throws {
        // 2026-11-21 is a Saturday; 23:00 UTC is Sunday already in Cairo.
        let sunday = window("Africa/Cairo", 60, 120, days: [.sunday])
        #expect(sunday.isOpen(at: try date("2026-11-21T23:30:00Z")))
        #expect(!sunday.isOpen(at: try date("2026-11-22T23:30:00Z")))
        #expect(
            sunday.opening(endingAfter: try date("2026-11-22T00:00:00Z"))?.start
                == (try date("2026-11-28T23:00:00Z"))
        )
    }

    // Outside of it, from Sunday's close to Thursday: no opening was found within the horizon.
    @Test func `does not let a rotation begin in the week before the clocks leave it out`() throws {
        let sunday = window("Europe/Berlin", 120, 180, days: [.sunday])
        let tuesday = try date("2027-03-23T12:00:00Z")
        let opening = try date("2027-03-28T01:00:00Z")
        #expect(
            sunday.verdict(dueAt: tuesday, endsAt: nil, at: tuesday)
                == .wait(until: opening, alarms: false)
        )
    }

    @Test func `waits for the next opening, unless one was missed`() throws {
        let now = try date("2026-11-21T12:00:00Z")
        let next = try date("2026-11-22T01:00:00Z")
        let (fresh, old) = (now - 3_600, now - 86_400)
        for (onMissed, due, end, verdict) in [
            (.next, fresh, nil, .wait(until: next, alarms: false)),
            (.next, old, nil, .wait(until: next, alarms: false)),
            (.alarm, fresh, nil, .wait(until: next, alarms: false)),
            (.alarm, old, nil, .wait(until: next, alarms: true)),
            (.runNow, fresh, nil, .wait(until: next, alarms: false)),
            (.runNow, old, nil, .begin),
            // The credential would end before the window opens.
            (.runNow, fresh, now + 3_600, .begin),
            (.alarm, fresh, now + 3_600, .wait(until: next, alarms: true)),
            (.runNow, fresh, next + 1, .wait(until: next, alarms: false)),
        ] as [(MaintenanceWindow.OnMissed, Date, Date?, MaintenanceWindow.Verdict)] {
            let found = window("UTC", 60, 120, onMissed: onMissed)
                .verdict(dueAt: due, endsAt: end, at: now)
            #expect(found == verdict, "\(onMissed) \(due) \(String(describing: end))")
        }
    }

    @Test func `lets a rotation begin while it is open`() throws {
        let now = try date("2026-11-21T01:30:00Z")
        #expect(window("UTC", 60, 120).verdict(dueAt: now, endsAt: nil, at: now) == .begin)
    }

    @Test func `knows IANA zones`() {
        #expect(MaintenanceWindow.isZone("Africa/Cairo"))
        #expect(!MaintenanceWindow.isZone("Mars/Base"))
    }

    // What was to alarm somebody was told to nobody.
    @Test(arguments: [(MaintenanceWindow.OnMissed.alarm, true), (.next, false)])
    func `alarms somebody of a missed opening where it is to`(
        onMissed: MaintenanceWindow.OnMissed,
        alarms: Bool
    ) {
        // 2026-03-02, a Monday; the last opening was on Sunday.
        let now = Date(timeIntervalSince1970: 1_772_411_400)
        let definition = CredentialDefinition(
            id: "orders",
            strategy: .valueOnly,
            target: nil,
            staging: SecretReference(vault: "staging", name: "staged"),
            carriers: [PlannedCarrier(SecretReference(vault: "app", name: "orders"))],
            policy: RotationPolicy(thresholdSeconds: 10 * 86_400),
            window: MaintenanceWindow(
                zone: "UTC",
                days: [.sunday],
                opensAtMinute: 120,
                closesAtMinute: 300,
                onMissed: onMissed
            )
        )
        let carrier = AdmissionFacts.Carrier(latest: "v", expires: now + 86_400)
        let decision = Admission.decide(
            definition,
            for: AdmissionRequest(reason: .routine, isHint: true),
            given: AdmissionFacts(carriers: [carrier]),
            at: now
        )
        guard case .later(_, _, let hasAlarm) = decision else {
            Issue.record("not put off: \(decision)")
            return
        }
        #expect(hasAlarm == alarms)
    }
}

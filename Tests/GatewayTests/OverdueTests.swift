import Foundation
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyGateway

@Suite struct `A secret counts as overdue` {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func record(
        _ id: CredentialID,
        due: Double?,
        isPaused: Bool = false
    ) -> CredentialRecord {
        var record = CredentialRecord(id: id, adoptedAt: now - 86_400)
        record.dueAt = due.map { now + $0 }
        record.isPaused = isPaused
        return record
    }

    // Whatever had ever been in the configuration, or was paused, was overdue for ever.
    @Test func `once it is due, is to be rotated, and is not paused`() {
        let records = [
            record("due", due: 0), record("later", due: 1), record("never", due: nil),
            record("paused", due: -60, isPaused: true), record("gone", due: -60),
        ]
        let secrets: Set<CredentialID> = ["due", "later", "never", "paused"]
        #expect(HealthReport.overdue(records, of: secrets, at: now) == 1)
        #expect(HealthReport.overdue(records, of: secrets, at: now + 1) == 2)
    }

    // Each failure put its due date off, and with that out of the count.
    @Test func `also while its failed rotation is not tried again`() {
        var failed = record("failed", due: 900)
        failed.notBefore = failed.dueAt
        var asked = record("asked", due: 1_000)
        asked.notBefore = now + 900
        let secrets: Set<CredentialID> = ["failed", "asked"]
        #expect(HealthReport.overdue([failed, asked], of: secrets, at: now) == 1)
    }
}

@Suite struct `What is read for the metrics` {
    @Test func `is read once in a while, however often it is asked for`() {
        let limit = ReadLimit(seconds: 3_600)
        #expect([limit.begin(), limit.begin(), limit.begin()] == [true, false, false])
        #expect(ReadLimit(seconds: 0).begin())
    }
}

import Foundation
import InMemoryJournal
import PortConformance
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@testable import rekey

@Suite struct `What rekey status shows` {
    // A metric counted it as stuck, an error said that `rekey status` names it, and it did not.
    @Test func `is every rotation under way, also of a secret that nobody configures`() async throws
    {
        let journal = InMemoryJournal(clock: SystemClock())
        let (begun, rotation) = try Sample.accepted("r1", at: Date())
        let (held, stuck) = Sample.follow(rotation, with: .stuck("no adapter", at: Date()))
        try await journal.commit(
            [.append(begun, state: rotation), .append(held, state: stuck)],
            under: nil
        )
        let report = try await StatusReport(journal.reader, [], at: Date())
        let row = try #require(report.secrets.first)
        #expect(row.secret == stuck.plan.credential.text)
        #expect(row.rotation == "r1")
        #expect(row.state == "not configured, stuck: no adapter")
        #expect(row.stuck == "no adapter")
    }
}

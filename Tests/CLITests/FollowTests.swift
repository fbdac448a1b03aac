import Foundation
import InMemoryJournal
import PortConformance
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@testable import rekey

/// What `rekey rotate` says and follows where a rotation is in flight already.
@Suite(.timeLimit(.minutes(1))) struct `A request that found a rotation in flight` {
    private static let request: EventID = "request-1"

    private func answer(_ type: EventType, _ detail: String?) -> CloudEvent {
        var content = EventContent()
        content.detail = detail
        return CloudEvent(id: "1", source: "test", type: type, time: Date(), content: content)
    }

    @Test func `is told what becomes of it`() {
        let said = [
            answer(.rotationAccepted, nil), answer(.rotationCoalesced, "in flight"),
            answer(
                .rotationCoalesced,
                "in flight: it goes back, and another rotation follows it"
            ),
        ].map { Rotate.line(about: "r1", of: "db", $0) }
        #expect(
            said == [
                "rotation r1 of db", "rotation r1 of db (already in flight)",
                "rotation r1 of db (already in flight: it goes back, and another rotation "
                    + "follows it)",
            ]
        )
    }

    /// A journal with a rotation that is over, and the request that waits for another.
    private func journal() async throws -> InMemoryJournal {
        let journal = InMemoryJournal(clock: SystemClock())
        let (first, begun) = try Sample.accepted("r1", at: Date())
        let (last, ended) = Sample.follow(begun, with: .abandoned(by: "user:anne", at: Date()))
        try await journal.commit(
            [.append(first, state: begun), .append(last, state: ended)],
            under: nil
        )
        _ = try await journal.receive([Sample.entry(Self.request, at: Date())])
        return journal
    }

    private func outcome(_ journal: InMemoryJournal) async -> [String] {
        let view = LiveView(reader: journal.reader, rotation: "r1")
        do {
            try await view.follow(serving: Sample.id(Self.request))
            return []
        } catch {
            return Problem(describing: error).lines
        }
    }

    @Test func `is followed to the rotation that serves it`() async throws {
        let journal = try await journal()
        async let outcome = outcome(journal)
        let (event, state) = try Sample.accepted("r2", at: Date() + 1)
        let (held, stuck) = Sample.follow(state, with: .stuck("the second", at: Date() + 1))
        try await journal.commit(
            [
                .append(event, state: state), .append(held, state: stuck),
                .handled(Sample.id(Self.request)),
            ],
            under: nil
        )
        #expect(await outcome == ["stuck: the second"])
    }

    @Test func `ends with the first where none follows`() async throws {
        let journal = try await journal()
        async let outcome = outcome(journal)
        try await journal.commit([.handled(Sample.id(Self.request))], under: nil)
        #expect(await outcome == ["abandoned"])
    }
}

import PortConformance
import PostgresJournal
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `What PostgreSQL cannot keep` {
    private let clock = SetClock()

    /// Not to be made shorter, so that it is too long for an index.
    private static let longName = (0..<200).map { UUIDv5.text(in: "long", ["\($0)"]) }.joined()

    // It was tried six times, and then everybody who had come with it was refused.
    @Test(arguments: [EventID("null\0"), EventID(longName)])
    func `is refused for its caller, and for nobody else`(bad: EventID) async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let now = clock.now
        let refused = await withTaskGroup { group in
            for index in 0..<100 {
                group.addTask {
                    var writes = [JournalWrite.enqueue(Sample.row(EventID("o\(index)"), at: now))]
                    if index % 10 == 3 { writes.append(.enqueue(Sample.row(bad, at: now))) }
                    do throws(JournalFailure) {
                        try await journal.commit(writes, under: nil)
                        return 0
                    } catch .unwritable {
                        return 1
                    } catch {
                        Issue.record(error)
                        return 99
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(refused == 10)
        #expect(try await journal.reader.outbox(limit: 999).count == 90)
        let named = Sample.entry("e1", rotation: RotationID(Self.longName), at: now)
        await #expect {
            try await journal.receive([named])
        } throws: { error in
            if case JournalFailure.unwritable = error { true } else { false }
        }
        #expect(try await journal.receive([Sample.entry("e1", at: now)]) == [true])
        await journal.close()
    }
}

import Foundation
import JournalRecords
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Testing

@Suite struct `An audit chain` {
    private let trail = Self.trail(of: ["a", "bc", "def", "ghij"])

    @Test func `is whole as it was made`() {
        #expect(AuditChain.verify(trail) == nil)
        #expect(AuditChain.verify(Self.trail(of: [])) == nil)
    }

    @Test func `shows every flipped byte`() {
        for (index, record) in trail.records.enumerated() {
            for place in record.bytes.indices {
                var bytes = record.bytes
                bytes[place] ^= 1
                let flaw = AuditChain.verify(changed(index, bytes: bytes, digest: record.digest))
                #expect(flaw == .altered(number: index + 1))
            }
            for place in record.digest.indices {
                var digest = record.digest
                digest[place] ^= 0x80
                let flaw = AuditChain.verify(changed(index, bytes: record.bytes, digest: digest))
                #expect(flaw == .altered(number: index + 1))
            }
        }
    }

    @Test func `shows a dropped, a reordered and a cut-off record`() {
        var records = trail.records
        records.remove(at: 1)
        #expect(AuditChain.verify(with(records)) == .misplaced(number: 2))
        records = trail.records
        records.swapAt(1, 2)
        #expect(AuditChain.verify(with(records)) == .misplaced(number: 2))
        #expect(AuditChain.verify(with(trail.records.dropLast())) == .cutOff(after: 3))
        #expect(AuditChain.verify(with([])) == .cutOff(after: 0))
    }

    @Test func `does not pass for another rotation's`() {
        let other = AuditTrail(
            rotation: "r2",
            records: trail.records,
            lastNumber: trail.lastNumber,
            head: trail.head
        )
        #expect(AuditChain.verify(other) == .altered(number: 1))
    }

    @Test func `in a journal shows a byte that was flipped on disk`() async throws {
        let folder = try JournalFolder()
        let clock = SetClock()
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        #expect(try await journal.reader.history(of: "r1").count == 1)
        try await journal.close()

        var bytes = try folder.bytes(of: "journal.sqlite")
        while let place = bytes.range(of: Data("user:anne".utf8)) {
            bytes.replaceSubrange(place, with: Data("user:anna".utf8))
        }
        try bytes.write(to: URL(fileURLWithPath: folder.journal))
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        let stored = try #require(try await reader.auditTrail(of: "r1"))
        #expect(AuditChain.verify(stored) == .altered(number: 1))
        await #expect {
            _ = try await reader.history(of: "r1")
        } throws: { error in
            guard case JournalFailure.damaged(let what) = error else { return false }
            return what.contains("record 1 was altered")
        }
        try reader.close()
    }

    private static func trail(of texts: [String]) -> AuditTrail {
        var digest = AuditChain.beginning(of: "r1")
        var records: [AuditRecord] = []
        for (index, text) in texts.enumerated() {
            digest = AuditChain.next(after: digest, bytes: Array(text.utf8))
            let bytes = Array(text.utf8)
            records.append(AuditRecord(number: index + 1, bytes: bytes, digest: digest))
        }
        return AuditTrail(
            rotation: "r1",
            records: records,
            lastNumber: records.count,
            head: digest
        )
    }

    private func changed(_ index: Int, bytes: [UInt8], digest: [UInt8]) -> AuditTrail {
        var records = trail.records
        records[index] = AuditRecord(number: index + 1, bytes: bytes, digest: digest)
        return with(records)
    }

    private func with(_ records: [AuditRecord]) -> AuditTrail {
        AuditTrail(
            rotation: trail.rotation,
            records: records,
            lastNumber: trail.lastNumber,
            head: trail.head
        )
    }
}

import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts
import Testing

/// What is written by hand has to be what `JSONEncoder` writes, byte for byte.
@Suite struct `A credential's record in bytes` {
    private static let date = Date(timeIntervalSinceReferenceDate: 800_000_000.125)

    private static let full: CredentialRecord = {
        var record = whole
        record.rotatedBeforeAt = date - 1
        return record.written
    }()

    private static let whole = CredentialRecord(
        id: "quote \" and żółć",
        sequence: 3,
        account: "role/a",
        adoptedAt: date,
        lastRotatedAt: date + 1,
        expiresAt: date + 2,
        dueAt: date + 3,
        notBefore: date + 4,
        failedRotations: 2,
        isPaused: true,
        noticed: ["v/overdue", ""],
        probes: [date, date + 0.5]
    )

    private func text(_ bytes: Data?) -> String { String(decoding: bytes ?? Data(), as: UTF8.self) }

    @Test func `sets every member in the sample`() {
        for member in Mirror(reflecting: Self.full).children {
            let value = Mirror(reflecting: member.value)
            #expect(value.displayStyle != .optional || value.children.count == 1, "\(member)")
        }
    }

    @Test func `is what the encoder writes`() throws {
        let bare = CredentialRecord(id: "c", adoptedAt: Self.date)
        for record in [Self.full, bare, bare.written] {
            #expect(text(record.usualJSON) == text(try JournalCoding.encode(record)))
        }
    }

    @Test func `leaves a number that JSON has not to the encoder, which refuses it`() {
        var record = Self.full
        record.dueAt = Date(timeIntervalSinceReferenceDate: .infinity)
        #expect(record.usualJSON == nil)
        #expect(throws: JournalFailure.self) { try PreparedWrite.prepare([.credential(record)]) }
    }
}

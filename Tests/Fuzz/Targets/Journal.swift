#if DEBUG
import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts

@testable import PostgresTarget

extension FuzzTarget {
    /// Records of a journal that somebody else may have written: read, written, read again.
    static let journalRecords = FuzzTarget(
        "journal-records",
        words: [
            "\"accepted\"", "\"observed\"", "\"failed\"", "\"at\"", "\"_0\"", "{", "}", "[", "]",
            ":", ",", "null", "1e308", "\"permanent\"", "\"stage\"",
        ]
    ) { input in
        try checkRecord(RotationEvent.self, input)
        try checkRecord(CredentialRecord.self, input)
        try checkRecord(Debt.self, input)
        try checkRecord(Rotation.self, input)
    }

    private static func checkRecord<Record: Codable & Equatable>(
        _ type: Record.Type,
        _ input: [UInt8]
    ) throws {
        let record: Record
        do { record = try JournalCoding.decode(type, from: Data(input)) } catch { return }
        let bytes = try JournalCoding.encode(record)
        let again = try JournalCoding.decode(type, from: bytes)
        try promise("a record changes by being written", again == record)
        try promise("its bytes change", try JournalCoding.encode(again) == bytes)
    }

    /// The line that Rekey keeps in a role's comment, beside the lines of others.
    static let roleMarker = FuzzTarget(
        "role-marker",
        words: ["rekey:", " credential=", " seq=", " epoch=", "%", "%00", "\n", "-1", "/"]
    ) { input in
        guard let text = String(validating: input, as: UTF8.self) else { return }
        let marker: RoleMarker?
        do { marker = try RoleMarker(in: text) } catch { return try Canary.check(error) }
        guard let marker else { return }
        let placed = marker.placed(in: text)
        try promise("a marker changes by being written", try RoleMarker(in: placed) == marker)
        let others = { (text: String) in
            text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        }
        let first = others(text).first { $0.element.hasPrefix("rekey:") }?.offset
        try promise("lines were added", others(text).count == others(placed).count)
        for (old, new) in zip(others(text), others(placed)) where old.offset != first {
            try promise("another line changed", old.element == new.element)
        }
    }
}

extension EnumeratedSequence where Base: Collection {
    fileprivate var count: Int { reduce(0) { count, _ in count + 1 } }
}
#endif

import Foundation
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// One event of a rotation as it lies in the journal, byte by byte.
package struct AuditRecord: Sendable, Equatable {
    package let number: Int
    package let bytes: [UInt8]
    package let digest: [UInt8]

    package init(number: Int, bytes: [UInt8], digest: [UInt8]) {
        self.number = number
        self.bytes = bytes
        self.digest = digest
    }
}

/// A rotation's records, and what the rotation itself says of the last.
package struct AuditTrail: Sendable, Equatable {
    package let rotation: RotationID
    package let records: [AuditRecord]
    package let lastNumber: Int
    package let head: [UInt8]

    package init(
        rotation: RotationID,
        records: [AuditRecord],
        lastNumber: Int,
        head: [UInt8]
    ) {
        self.rotation = rotation
        self.records = records
        self.lastNumber = lastNumber
        self.head = head
    }
}

extension AuditTrail {
    /// The events of a chain that is whole; throws `damaged`, and names `place`, where it is not.
    package func history(at place: String) throws(JournalFailure) -> [HistoryEntry] {
        if let flaw = AuditChain.verify(self) {
            throw .damaged("\(place): rotation \(rotation): \(flaw)")
        }
        var entries: [HistoryEntry] = []
        for record in records {
            guard
                let event = try? JournalCoding.decode(
                    RotationEvent.self,
                    from: Data(record.bytes)
                )
            else { throw .damaged("\(place): rotation \(rotation): a record does not decode") }
            entries.append(
                HistoryEntry(
                    number: record.number,
                    event: event,
                    digest: record.digest.hexadecimal
                )
            )
        }
        return entries
    }
}

/// The first thing that is wrong with a trail.
package enum AuditFlaw: Error, Equatable, Sendable, CustomStringConvertible {
    /// The record's bytes, its digest, or a record before it are not what was written.
    case altered(number: Int)
    /// Another number stands where this one belongs: dropped, repeated or reordered.
    case misplaced(number: Int)
    /// The trail ends before the rotation's own last record, or goes on after it.
    case cutOff(after: Int)

    package var description: String {
        switch self {
        case .altered(let number): "record \(number) was altered"
        case .misplaced(let number): "record \(number) is not in its place"
        case .cutOff(let number): "the records do not end where the rotation does, after \(number)"
        }
    }
}

/// Links each record of a rotation to those before it by SHA-256.
package enum AuditChain {
    /// What the first record follows: a digest of the rotation's id, so that no trail passes for
    /// another rotation's.
    package static func beginning(of rotation: RotationID) -> [UInt8] {
        Digest.sha256(Array(rotation.text.utf8))
    }

    package static func next(after previous: [UInt8], bytes: [UInt8]) -> [UInt8] {
        Digest.sha256(previous + bytes)
    }

    /// Finds a flipped byte, a dropped, reordered or cut-off record; nil where there is none.
    ///
    /// Whoever can write the journal can write a new chain: only a head kept elsewhere tells.
    package static func verify(_ trail: AuditTrail) -> AuditFlaw? {
        var digest = beginning(of: trail.rotation)
        for (index, record) in trail.records.enumerated() {
            guard record.number == index + 1 else { return .misplaced(number: index + 1) }
            digest = next(after: digest, bytes: record.bytes)
            guard record.digest == digest else { return .altered(number: record.number) }
        }
        guard trail.records.count == trail.lastNumber, digest == trail.head else {
            return .cutOff(after: trail.records.count)
        }
        return nil
    }
}

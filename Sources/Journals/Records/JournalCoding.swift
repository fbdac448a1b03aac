package import Foundation
package import RekeyPorts

/// JSON with sorted members, in which equal values have equal bytes and dates keep every bit.
///
/// A date is written as the seconds since 2001-01-01 UTC that it holds, and a `Double` as the
/// shortest decimal that reads back as itself.
package enum JournalCoding {
    package static func encode(_ value: some Encodable) throws(JournalFailure) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .deferredToDate
        do {
            return try encoder.encode(value)
        } catch {
            // What fails is a number that JSON has not, such as infinity.
            throw .unavailable("a \(type(of: value)) does not encode")
        }
    }

    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: Data
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .deferredToDate
        return try decoder.decode(type, from: bytes)
    }
}

extension Date {
    /// As the journal's columns hold it.
    package var column: Double { timeIntervalSinceReferenceDate }

    package init(column: Double) { self.init(timeIntervalSinceReferenceDate: column) }
}

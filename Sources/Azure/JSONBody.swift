import Foundation
package import RekeyCore

/// A JSON object to be sent, of which one field is a secret.
package enum JSONBody {
    /// `{"<field>":"<secret>",…}` with `others`' fields after it.
    ///
    /// The secret is escaped byte by byte and is never a `String`. nil where it is no UTF-8, which
    /// JSON cannot carry. `others` has to encode to an object.
    package static func object(
        _ field: String,
        _ secret: Secret,
        and others: some Encodable
    ) throws(EncodingFault) -> Secret {
        guard isUTF8(secret) else { throw .notUTF8 }
        let rest = try encoded(others)
        guard rest.first == UInt8(ascii: "{"), rest.last == UInt8(ascii: "}") else {
            throw .noObject
        }
        let capacity = 8 + field.utf8.count + 6 * secret.byteCount + rest.count
        let bytes = ErasingBytes(capacity: capacity)
        bytes.append("{\"\(field)\":\"")
        secret.reveal { span in
            for offset in 0..<span.byteCount { append(escaping: span[byteAt: offset], to: bytes) }
        }
        bytes.append("\"")
        if rest.count > 2 { bytes.append(UInt8(ascii: ",")) }
        for byte in rest.dropFirst() { bytes.append(byte) }
        return bytes.secret
    }

    /// What holds no secret, as the body that a request takes.
    package static func plain(_ value: some Encodable) throws(EncodingFault) -> Secret {
        Secret(copying: try encoded(value))
    }

    package enum EncodingFault: String, Error, Sendable {
        case notUTF8 = "the value is not UTF-8, which JSON cannot carry"
        case noObject = "the body is no JSON object"
        case notEncodable = "the body cannot be written as JSON"
    }

    private static func encoded(_ value: some Encodable) throws(EncodingFault) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return try encoder.encode(value) } catch { throw .notEncodable }
    }

    private static func append(escaping byte: UInt8, to bytes: ErasingBytes) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            bytes.append("\\u00")
            bytes.append(hexadecimal[Int(byte >> 4)])
            bytes.append(hexadecimal[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func isUTF8(_ secret: Secret) -> Bool {
        secret.reveal { span in
            unsafe span.withUnsafeBytes { buffer in
                var decoder = UTF8()
                var bytes = unsafe buffer.makeIterator()
                while true {
                    switch unsafe decoder.decode(&bytes) {
                    case .scalarValue: continue
                    case .emptyInput: return true
                    case .error: return false
                    }
                }
            }
        }
    }
}

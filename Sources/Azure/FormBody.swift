import RekeyCore

/// An `application/x-www-form-urlencoded` body with secrets among its fields.
enum FormBody {
    enum Value {
        case text(String)
        case secret(Secret)
    }

    static let contentType = "application/x-www-form-urlencoded"

    /// The percent-encoded fields, in the order given.
    ///
    /// Field names are taken as they are.
    static func secret(_ fields: [(name: String, value: Value)]) -> Secret {
        let bytes = ErasingBytes(capacity: fields.reduce(0) { $0 + capacity(of: $1) })
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "&")) }
            bytes.append("\(field.name)=")
            switch field.value {
            case .text(let text):
                for byte in text.utf8 { append(byte, to: bytes) }
            case .secret(let secret):
                secret.reveal { span in
                    for offset in 0..<span.byteCount {
                        append(
                            unsafe span.unsafeLoad(fromByteOffset: offset, as: UInt8.self),
                            to: bytes
                        )
                    }
                }
            }
        }
        return bytes.secret
    }

    private static func capacity(of field: (name: String, value: Value)) -> Int {
        let length =
            switch field.value {
            case .text(let text): text.utf8.count
            case .secret(let secret): secret.byteCount
            }
        return field.name.utf8.count + 2 + 3 * length
    }

    /// Keeps RFC 3986's unreserved characters and encodes everything else.
    private static func append(_ byte: UInt8, to bytes: ErasingBytes) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            bytes.append(hexadecimal[Int(byte >> 4)])
            bytes.append(hexadecimal[Int(byte & 15)])
        }
    }

    private static let hexadecimal = Array("0123456789ABCDEF".utf8)
}

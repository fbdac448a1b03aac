import RekeyCore

/// A value on its way into a JSON document, without ever being a `String`.
enum JSONText {
    /// A text that is no secret as JSON text: `a"b` becomes `"a\"b"`.
    static func quoted(_ text: String) -> String {
        let bytes = [UInt8(ascii: "\"")] + text.utf8.flatMap(escaped) + [UInt8(ascii: "\"")]
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value as JSON text, with its quotes, escaped once more for a place within quotes: `a"b`
    /// becomes `\"a\\\"b\"`.
    ///
    /// nil where it is no UTF-8, which JSON cannot carry.
    static func quoted(_ value: Secret) -> Secret? {
        var bytes = value.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
        defer { erase(&bytes) }
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var inner = [UInt8(ascii: "\"")] + bytes.flatMap(escaped) + [UInt8(ascii: "\"")]
        var outer = inner.flatMap(escaped)
        defer {
            erase(&inner)
            erase(&outer)
        }
        return Secret(copying: outer)
    }

    /// `template` with the one occurrence of `place` replaced; nil where there is none.
    static func replacing(_ place: String, in template: Secret, by value: Secret) -> Secret? {
        let place = Array(place.utf8)
        let bytes = template.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
        let starts = 0...max(0, bytes.count - place.count)
        guard
            let start = starts.first(where: {
                bytes[$0..<min($0 + place.count, bytes.count)].elementsEqual(place)
            })
        else { return nil }
        var body = Array(bytes[..<start])
        value.reveal { span in unsafe span.withUnsafeBytes { unsafe body.append(contentsOf: $0) } }
        body += bytes[(start + place.count)...]
        defer { erase(&body) }
        return Secret(copying: body)
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
        case 0x00..<0x20:
            Array("\\u00".utf8) + Array((byte < 16 ? "0" : "").utf8)
                + Array(String(byte, radix: 16).utf8)
        default: [byte]
        }
    }

    private static func erase(_ bytes: inout [UInt8]) {
        for index in bytes.indices { bytes[index] = 0 }
    }
}

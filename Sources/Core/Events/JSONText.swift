package import Foundation

/// Writes one JSON text from values that are there already, in the order in which it is called.
///
/// It exists for what every rotation that goes well writes. `JSONEncoder` first builds a tree of
/// the values and sorts it, which was a seventh of a worker's time; everything else is left to it.
/// Its bytes are those of `JSONEncoder` with sorted members and slashes not escaped, where the
/// caller names the members in that order.
package struct JSONText {
    package private(set) var bytes: [UInt8] = []
    /// Whether every number was one that JSON has; the others are `null`.
    package private(set) var isFinite = true
    /// Whether a value stands before the next one, in the object or array that is open.
    private var isBehindValue = false

    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func object(_ members: (inout JSONText) -> Void) {
        enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    mutating func array<Element>(
        _ elements: [Element],
        _ write: (inout JSONText, Element) -> Void
    ) {
        enclose(UInt8(ascii: "["), UInt8(ascii: "]")) { text in
            for element in elements { write(&text, element) }
        }
    }

    /// Begins a member, whose value comes next; the name needs no escape.
    mutating func name(_ name: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        isBehindValue = false
    }

    mutating func value(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 { appendEscaped(byte) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
        isBehindValue = true
    }

    mutating func value(_ isTrue: Bool) { bare(isTrue ? "true" : "false") }

    mutating func value(_ number: Int) { bare(String(number)) }

    /// The shortest decimal that reads back as the same number; JSON has none that is not finite.
    mutating func value(_ number: Double) {
        guard number.isFinite else {
            isFinite = false
            return bare("null")
        }
        let text = number.description
        bare(text.hasSuffix(".0") ? text.dropLast(2) : text[...])
    }

    package mutating func member(_ key: String, _ text: String) {
        name(key)
        value(text)
    }

    package mutating func member(_ key: String, _ number: Double) {
        name(key)
        value(number)
    }

    package mutating func member(_ key: String, _ number: Int) {
        name(key)
        value(number)
    }

    package mutating func member(_ key: String, _ isTrue: Bool) {
        name(key)
        value(isTrue)
    }

    private mutating func bare(_ text: some StringProtocol) {
        separate()
        bytes.append(contentsOf: text.utf8)
        isBehindValue = true
    }

    private mutating func separate() {
        if isBehindValue { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func enclose(
        _ opening: UInt8,
        _ closing: UInt8,
        _ inner: (inout JSONText) -> Void
    ) {
        separate()
        bytes.append(opening)
        isBehindValue = false
        inner(&self)
        bytes.append(closing)
        isBehindValue = true
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// RFC 8259 §7; the two-character forms where there is one.
    private mutating func appendEscaped(_ byte: UInt8) {
        guard Self.needsEscape(byte) else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            let digits = String(byte, radix: 16)
            if digits.utf8.count < 2 { bytes.append(UInt8(ascii: "0")) }
            bytes.append(contentsOf: digits.utf8)
        }
    }
}

extension JSONText {
    package mutating func member(_ key: String, _ text: String?) {
        if let text { member(key, text) }
    }

    package mutating func member(_ key: String, _ number: Double?) {
        if let number { member(key, number) }
    }

    package mutating func member(_ key: String, _ number: Int?) {
        if let number { member(key, number) }
    }

    package mutating func member(_ key: String, _ isTrue: Bool?) {
        if let isTrue { member(key, isTrue) }
    }

    /// As the seconds since 2001-01-01 UTC that it holds.
    package mutating func member(_ key: String, _ date: Date?) {
        if let date { member(key, date.timeIntervalSinceReferenceDate) }
    }

    package mutating func member(_ key: String, _ dates: [Date]?) {
        guard let dates else { return }
        name(key)
        array(dates) { $0.value($1.timeIntervalSinceReferenceDate) }
    }

    package mutating func member(_ key: String, _ texts: [String]?) {
        guard let texts else { return }
        name(key)
        array(texts) { $0.value($1) }
    }
}

extension JSONText {
    /// As the compiler codes a case: an object with the case's name, and in it its values.
    mutating func wrapped(_ name: String, _ values: (inout JSONText) -> Void = { _ in }) {
        object { outer in
            outer.name(name)
            outer.object(values)
        }
    }

    mutating func wrapped(_ name: String, _ only: String) {
        wrapped(name) { $0.member("_0", only) }
    }

    mutating func wrapped(_ name: String, _ only: Int) {
        wrapped(name) { $0.member("_0", only) }
    }
}

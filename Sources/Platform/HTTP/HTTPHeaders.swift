/// The fields of a response, in the order in which they came.
///
/// Names match whatever their case (RFC 9110 §5.1). The description holds names only, since a
/// value may be a cookie or a signed location.
package struct HTTPHeaders: Sendable {
    private var fields: [(name: String, value: String)] = []

    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    package var names: [String] { fields.map(\.name) }

    /// The first value under `name`.
    package subscript(name: String) -> String? {
        fields.first { $0.name.isSameName(as: name) }?.value
    }

    /// Every value under `name`, as some fields come more than once.
    package func all(_ name: String) -> [String] {
        fields.filter { $0.name.isSameName(as: name) }.map(\.value)
    }

    mutating func append(name: String, value: String) {
        fields.append((name, value))
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { names.joined(separator: ", ") }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    fileprivate func isSameName(as other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

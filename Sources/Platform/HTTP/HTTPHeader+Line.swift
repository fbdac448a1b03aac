import RekeyCore

extension HTTPHeader {
    /// A longer line would be refused by most servers, after it was sent.
    static let lineByteLimit = 64 * 1024

    /// What is wrong with the field, without its value; `nil` if nothing is.
    var fault: String? {
        guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter) else {
            return "a name that is no token of RFC 9110"
        }
        let byteCount = name.utf8.count + prefix.utf8.count + (secret?.byteCount ?? 0)
        guard byteCount < Self.lineByteLimit else {
            return "\(name) is longer than \(Self.lineByteLimit) bytes"
        }
        let isSecretFit = secret?.reveal { span in
            span.byteOffsets.allSatisfy {
                unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self).isFieldCharacter
            }
        }
        guard prefix.utf8.allSatisfy(\.isFieldCharacter), isSecretFit ?? true else {
            return "\(name) has a control character in its value"
        }
        return nil
    }

    /// The line as libcurl takes it, ended by a null.
    ///
    /// An empty value is written `Name;`, since `Name:` removes the field
    /// (`CURLOPT_HTTPHEADER(3)`).
    var line: ErasedBytes {
        let secretByteCount = secret?.byteCount ?? 0
        let isEmpty = prefix.isEmpty && secretByteCount == 0
        let byteCount = name.utf8.count + prefix.utf8.count + secretByteCount + 3
        let line = ErasedBytes(capacity: byteCount)
        _ = line.append(name)
        _ = line.append(isEmpty ? ";" : ": ")
        _ = line.append(prefix)
        _ = secret?.reveal { line.append($0) }
        _ = line.append(0)
        return line
    }
}

extension UInt8 {
    /// RFC 9110 §5.6.2, `tchar`.
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }

    /// RFC 9110 §5.5, `field-content`.
    fileprivate var isFieldCharacter: Bool { self == 0x09 || (self >= 0x20 && self != 0x7F) }
}

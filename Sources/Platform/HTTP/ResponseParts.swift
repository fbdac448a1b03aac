import RekeyCore

/// What libcurl's callbacks have copied of one response so far.
///
/// Only the loop's thread uses it.
final class ResponseParts {
    /// All header lines of a response together; libcurl 7.88 limits only the single line.
    static let headerByteLimit = 256 * 1024

    private(set) var headers = HTTPHeaders()
    private(set) var isTooLong = false
    private var headerByteCount = 0
    private let bytes: ErasedBytes

    init(byteLimit: Int) {
        bytes = ErasedBytes(byteLimit: byteLimit)
    }

    var body: Secret { unsafe bytes.withBytes { unsafe Secret(copying: $0) } }

    func takeBody(_ part: UnsafeRawBufferPointer) -> Bool {
        isTooLong = unsafe !bytes.append(part)
        return !isTooLong
    }

    /// Takes one whole header line.
    ///
    /// A status line begins anew, as after `100 Continue`.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerByteCount += line.count
        guard headerByteCount <= Self.headerByteLimit else {
            isTooLong = true
            return false
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            headers = HTTPHeaders()
            return true
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let value = text[text.utf8.index(after: colon)...]
        headers.append(name: String(text[..<colon]), value: value.withoutOuterSpace)
        return true
    }
}

extension Substring {
    /// The text without the optional whitespace around a field's value (RFC 9110 §5.5).
    fileprivate var withoutOuterSpace: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}

import Foundation
import RekeyCore
import RekeyPlatform

/// A `.env` file in which one variable changes, and every other byte stays.
enum EnvironmentFile {
    /// Longer files are refused.
    static let byteLimit = 1_024 * 1_024

    /// Writes `value` as `variable`, keeping mode, owner and every other line.
    ///
    /// A variable that is not there is added at the end. A file that is not there is made, for
    /// its owner only. A symbolic link is refused: where it leads is somebody else's choice.
    static func set(
        _ variable: String,
        to value: Secret,
        in path: String
    ) throws(AgentFailure) {
        guard isName(variable) else { throw AgentFailure("\(variable) is no variable's name") }
        let manager = FileManager.default
        // Of the link itself, where there is one.
        let attributes = try? manager.attributesOfItem(atPath: path)
        var document: [UInt8] = []
        var mode = AtomicFile.defaultMode
        var owner: FileOwner?
        if let attributes {
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw AgentFailure("\(path) is no regular file: name the file itself, not a link")
            }
            guard let bytes = manager.contents(atPath: path), bytes.count <= byteLimit else {
                throw AgentFailure("\(path) cannot be read, or is too long")
            }
            document = [UInt8](bytes)
            mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value ?? mode
            if let user = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value,
                let group = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value
            {
                owner = FileOwner(user: user, group: group)
            }
        }
        defer { for index in document.indices { document[index] = 0 } }
        let changed: Secret
        do {
            changed = try replacing(variable, with: value, in: document)
        } catch {
            throw AgentFailure("\(path) was left as it is: \(error)")
        }
        // An agent that was killed while it wrote left a value there; this one alone writes it.
        AtomicFile.removeLeftovers(of: path)
        do {
            try AtomicFile.replace(path, contents: changed, mode: mode, owner: owner)
        } catch {
            throw AgentFailure("\(path) cannot be replaced: \(error)")
        }
    }

    /// The document with the variable's last assignment changed, or one added.
    ///
    /// Throws where it cannot be told which bytes are the variable's.
    static func replacing(
        _ variable: String,
        with value: Secret,
        in document: [UInt8]
    ) throws(AgentFailure) -> Secret {
        guard !document.contains(0) else { throw AgentFailure("it is no text") }
        var result: [UInt8] = []
        // Room for the worst escaping, so that no copy is left behind by growing.
        result.reserveCapacity(document.count + variable.utf8.count + 2 * value.byteCount + 8)
        defer { for index in result.indices { result[index] = 0 } }
        let lines = EnvironmentLines(document)
        let own: Range<Int>
        if let old = try lines.last(of: variable) {
            result += document[..<old.lowerBound]
            append(value, to: &result)
            own = old.lowerBound..<result.count
            result += document[old.upperBound...]
        } else {
            let hasReturns = document.suffix(2) == [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
            result += document
            if let last = document.last, last != UInt8(ascii: "\n") {
                result.append(UInt8(ascii: "\n"))
            }
            result += Array("\(variable)=".utf8)
            let start = result.count
            append(value, to: &result)
            own = start..<result.count
            result += Array((hasReturns ? "\r\n" : "\n").utf8)
        }
        // Borrowed: a second array of the value would be wiped by nobody.
        guard lines.isSame(as: EnvironmentLines(result), butFor: variable, at: own) else {
            throw AgentFailure(
                "a quote before \(variable) is never closed, and the new value would close it"
            )
        }
        return Secret(copying: result)
    }

    /// Bare where every reader takes it so; else in single quotes, which mean nothing but
    /// themselves; else in double quotes with escapes.
    private static func append(_ value: Secret, to result: inout [UInt8]) {
        value.reveal { span in
            unsafe span.withUnsafeBytes { bytes in
                let isBare = unsafe !bytes.isEmpty && bytes.allSatisfy(isPlain)
                let quote = UInt8(ascii: "'")
                if isBare {
                    unsafe result.append(contentsOf: bytes)
                } else if unsafe !bytes.contains(where: { $0 == quote || $0 == 10 || $0 == 13 }) {
                    result.append(quote)
                    unsafe result.append(contentsOf: bytes)
                    result.append(quote)
                } else {
                    result.append(UInt8(ascii: "\""))
                    for byte in unsafe Array(bytes) { result += escaped(byte) }
                    result.append(UInt8(ascii: "\""))
                }
            }
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "`"):
            [UInt8(ascii: "\\"), byte]
        case 10: Array("\\n".utf8)
        case 13: Array("\\r".utf8)
        default: [byte]
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: Array("_-.~:/@%+=,".utf8).contains(byte)
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (byte < 128 && Character(UnicodeScalar(byte)).isLetter)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }
}

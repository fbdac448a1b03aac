import Foundation
import RekeyCore
import RekeyPlatform

/// A `.env` file in which one variable changes, and every other byte stays.
enum EnvironmentFile {
    /// Longer files are refused.
    static let byteLimit = 1_024 * 1_024

    /// Writes `value` as `variable`, keeping mode, owner and every other line.
    ///
    /// A variable that is not there is added at the end. A file that is not there is made, for its
    /// owner only.
    static func set(
        _ variable: String,
        to value: Secret,
        in path: String
    ) throws(AgentFailure) {
        guard isName(variable) else { throw AgentFailure("\(variable) is no variable's name") }
        let manager = FileManager.default
        var document: [UInt8] = []
        var mode = AtomicFile.defaultMode
        var owner: FileOwner?
        if manager.fileExists(atPath: path) {
            guard let attributes = try? manager.attributesOfItem(atPath: path),
                let bytes = manager.contents(atPath: path), bytes.count <= byteLimit
            else { throw AgentFailure("\(path) cannot be read, or is too long") }
            document = [UInt8](bytes)
            mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value ?? mode
            if let user = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value,
                let group = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value
            {
                owner = FileOwner(user: user, group: group)
            }
        }
        let changed = replacing(variable, with: value, in: document)
        do {
            try AtomicFile.replace(path, contents: changed, mode: mode, owner: owner)
        } catch {
            throw AgentFailure("\(path) cannot be replaced: \(error)")
        }
    }

    /// The document with the variable's last line changed, or a line added.
    static func replacing(
        _ variable: String,
        with value: Secret,
        in document: [UInt8]
    ) -> Secret {
        var result: [UInt8] = []
        let lines = document.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = lines.lastIndex { prefix(of: Array($0), variable) != nil }
        for (index, line) in lines.enumerated() {
            if index > 0 { result.append(UInt8(ascii: "\n")) }
            if index == last, let prefix = prefix(of: Array(line), variable) {
                result += prefix
                append(value, to: &result)
                if line.last == UInt8(ascii: "\r") { result.append(UInt8(ascii: "\r")) }
            } else {
                result += line
            }
        }
        if last == nil {
            if !result.isEmpty, result.last != UInt8(ascii: "\n") {
                result.append(UInt8(ascii: "\n"))
            }
            result += Array("\(variable)=".utf8)
            append(value, to: &result)
            result.append(UInt8(ascii: "\n"))
        }
        defer { for index in result.indices { result[index] = 0 } }
        return Secret(copying: result)
    }

    /// What a line says before the variable's value, such as `export NAME=`; nil for another line.
    private static func prefix(of line: [UInt8], _ variable: String) -> [UInt8]? {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let before = String(decoding: line[..<equals], as: UTF8.self)
        let words = before.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard words == [variable] || words == ["export", variable] else { return nil }
        return Array(line[...equals])
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
                } else if unsafe !bytes.contains(quote), unsafe !bytes.contains(10) {
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

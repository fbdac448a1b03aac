import RekeyCore
import RekeyPorts

/// The line in a role's comment that says which write was the last: the fence in the database.
///
/// `rekey:<installation> credential=<credential> seq=<sequence> epoch=<epoch>`, with everything
/// but letters, digits and `._/-` of a name in percent form. Other lines belong to other people.
struct RoleMarker: Equatable, Sendable {
    private static let prefix = "rekey:"

    let installation: InstallationID
    let credential: CredentialID
    let sequence: Int
    let epoch: Int64

    init(_ fence: Fence) {
        installation = fence.installation
        credential = fence.credential
        sequence = fence.sequence
        epoch = fence.epoch
    }

    /// The marker in `comment`, nil where there is none.
    ///
    /// Throws where there is one that nobody can read.
    init?(in comment: String?) throws(StepFailure) {
        guard let line = comment?.split(separator: "\n").first(where: Self.isMarker) else {
            return nil
        }
        let words = line.dropFirst(Self.prefix.count).split(separator: " ")
        guard words.count == 4,
            let installation = Self.plain(words[0]),
            let credential = Self.plain(Self.value(words[1], of: "credential")),
            let sequence = Self.value(words[2], of: "seq").flatMap({ Int($0) }),
            let epoch = Self.value(words[3], of: "epoch").flatMap({ Int64($0) })
        else { throw StepFailure(.permanent, "fence: a role's comment has an unreadable marker") }
        self.installation = InstallationID(installation)
        self.credential = CredentialID(credential)
        self.sequence = sequence
        self.epoch = epoch
    }

    /// Why a write under `fence` must not follow the one that left this marker.
    func objection(to fence: Fence, role: String) -> StepFailure? {
        guard installation == fence.installation else {
            return StepFailure(
                .permanent,
                "fence: role \(role) belongs to installation \(installation)\(Self.remedy)"
            )
        }
        guard credential == fence.credential else {
            return StepFailure(
                .permanent,
                "fence: role \(role) belongs to credential \(credential)\(Self.remedy)"
            )
        }
        guard (sequence, epoch) <= (fence.sequence, fence.epoch) else {
            return StepFailure(
                .permanent,
                "fence: role \(role) was written at seq \(sequence) epoch \(epoch),"
                    + " this is seq \(fence.sequence) epoch \(fence.epoch)"
            )
        }
        return nil
    }

    /// The vaults' tags change hands by `rekey adopt --take-over`, a role's comment by its owner.
    private static let remedy =
        ": once nobody else rotates it, take the line that begins with `\(prefix)` out of its "
        + "comment (COMMENT ON ROLE)"

    /// `comment` with this marker in the place of an older one, and all else as it was.
    func placed(in comment: String?) -> String {
        guard let comment, !comment.isEmpty else { return line }
        var lines = comment.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if let index = lines.firstIndex(where: { Self.isMarker($0[...]) }) {
            lines[index] = line
        } else {
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    private var line: String {
        let names = (Self.escaped(installation.text), Self.escaped(credential.text))
        return "\(Self.prefix)\(names.0) credential=\(names.1) seq=\(sequence) epoch=\(epoch)"
    }

    private static func isMarker(_ line: Substring) -> Bool { line.hasPrefix(prefix) }

    private static func value(_ word: Substring, of name: String) -> Substring? {
        word.hasPrefix("\(name)=") ? word.dropFirst(name.count + 1) : nil
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain || "._/-".contains(character) { return String(character) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }

    private static func plain(_ text: Substring?) -> String? {
        guard let text else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let hex = String(decoding: rest.prefix(2), as: UTF8.self)
            guard hex.utf8.count == 2, let value = UInt8(hex, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

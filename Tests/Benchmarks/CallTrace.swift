import RekeyCore
import RekeyPlatform

/// What a worker's process wrote of its calls, a line each.
struct CallTrace: Sendable {
    /// A call of a rotation, or the end of one.
    struct Line: Sendable, CustomStringConvertible {
        enum Kind: String, Sendable {
            case call
            case closed
            /// Over, but not as it should be.
            case failed
        }

        /// Since boot, which all processes of the machine count alike.
        let seconds: Double
        let kind: Kind
        /// nil for a call that no rotation makes, such as admission's.
        let rotation: RotationID?
        let name: String

        init(_ kind: Kind, _ rotation: RotationID?, _ name: String) {
            (self.kind, self.rotation, self.name) = (kind, rotation, name)
            seconds = BootTime.now() / .seconds(1)
        }

        init?(_ text: Substring) {
            let words = text.split(separator: " ")
            guard words.count == 4, let seconds = Double(words[0]),
                let kind = Kind(rawValue: String(words[1]))
            else { return nil }
            (self.seconds, self.kind) = (seconds, kind)
            rotation = words[2] == "-" ? nil : RotationID(String(words[2]))
            name = String(words[3])
        }

        var description: String { "\(seconds) \(kind.rawValue) \(rotation?.text ?? "-") \(name)" }
    }

    let lines: [Line]

    /// Leaves out a last line that is still being written.
    init(_ output: String) {
        let complete = output.lastIndex(of: "\n").map { output[..<$0] } ?? ""
        lines = complete.split(separator: "\n").compactMap { Line($0) }
    }

    /// The rotations that made a call and have not ended.
    var open: Set<RotationID> {
        var open: Set<RotationID> = []
        for line in lines {
            guard let rotation = line.rotation else { continue }
            if line.kind == .call { open.insert(rotation) } else { open.remove(rotation) }
        }
        return open
    }

    var failed: [RotationID] { lines.filter { $0.kind == .failed }.compactMap(\.rotation) }

    /// When each of `rotations` made its first call here.
    func firstCalls(of rotations: Set<RotationID>) -> [RotationID: Double] {
        var first: [RotationID: Double] = [:]
        for line in lines where line.kind == .call {
            guard let rotation = line.rotation, rotations.contains(rotation) else { continue }
            first[rotation] = first[rotation] ?? line.seconds
        }
        return first
    }
}

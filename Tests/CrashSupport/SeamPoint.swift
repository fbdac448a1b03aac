/// A place at which a worker can be made to die, or a call to go wrong.
///
/// It is written as `vault.write#3 after`: the third call of this name, once it has taken effect.
package struct SeamPoint: Hashable, Sendable, CustomStringConvertible {
    package enum Side: String, Sendable, CaseIterable { case before, after }

    /// The port and its call.
    package let name: String
    /// Counts the calls of this name, from 1.
    package let ordinal: Int
    package let side: Side

    package init(_ name: String, _ ordinal: Int, _ side: Side) {
        self.name = name
        self.ordinal = ordinal
        self.side = side
    }

    /// Reads `vault.write#3 after`; nil where it is not of this form.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let side = Side(rawValue: String(words[1])) else { return nil }
        let parts = words[0].split(separator: "#")
        guard parts.count == 2, let ordinal = Int(parts[1]) else { return nil }
        self.init(String(parts[0]), ordinal, side)
    }

    package var description: String { "\(name)#\(ordinal) \(side.rawValue)" }
}

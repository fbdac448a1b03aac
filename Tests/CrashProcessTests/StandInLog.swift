import Foundation
import StandInParts

/// The stand-in's log of changes, of which each line is read once.
struct StandInLog: Sendable {
    private static let kinds = [
        "passwordAdded", "passwordRemoved", "secretVersion", "\"job\"",
    ]

    private let file: GrowingFile

    init(of standIn: StandIn) {
        file = GrowingFile(standIn.facts.changes) { line in
            Self.kinds.contains { line.contains($0) }
        }
    }

    /// The changes of what has one of these names, in their order.
    func changes(of names: [String]) throws -> [StandIn.Change] {
        try file.lines().filter { line in names.contains { line.contains("\"\($0)\"") } }
            .map { try JSONDecoder().decode(StandIn.Change.self, from: Data($0.utf8)) }
    }
}

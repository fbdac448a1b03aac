import Foundation
import JournalRecords
import RekeyCore

/// What journals of format 1 held, as a Rekey of that time wrote it: whole rotations of every
/// strategy, and the tables that they were in.
///
/// The files are never made anew. What is added to events and records later has to leave them
/// readable.
struct FirstFormat: Decodable, Sendable {
    struct OldDebt: Decodable, Sendable {
        let account: String
        let debt: String
        let isPaid: Bool
    }

    struct Handled: Decodable, Sendable {
        let lane: String
        let event: String
        let at: Double
    }

    struct Announced: Decodable, Sendable {
        let event: String
        let at: Double
    }

    let rotation: String
    let credential: String
    let isOpen: Bool
    /// The JSON of its events, byte by byte, and the chain of digests over them.
    let events: [String]
    let digests: [String]
    let record: String
    let debts: [OldDebt]
    let handled: [Handled]
    let announced: [Announced]

    static func rotations() throws -> [FirstFormat] {
        try lines(of: "first-format.jsonl").map {
            try JSONDecoder().decode(FirstFormat.self, from: Data($0.utf8))
        }
    }

    /// Events of the kinds that none of the rotations has.
    static func rareEvents() throws -> [String] { try lines(of: "first-format-events.jsonl") }

    static func tables(_ system: String) throws -> String {
        try String(
            contentsOf: folder.appending(path: "first-format.\(system).sql"),
            encoding: .utf8
        )
    }

    private static func lines(of name: String) throws -> [String] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// The events as they are read today.
    func decoded() throws -> [RotationEvent] {
        try events.map { try JournalCoding.decode(RotationEvent.self, from: Data($0.utf8)) }
    }

    /// The state after so many events.
    func state(after count: Int) throws -> Rotation {
        let events = try decoded()
        guard var state = Rotation(RotationID(rotation), startingWith: events[0]) else {
            throw NoRotation()
        }
        for event in events[1..<count] { state.fold(event) }
        return state
    }

    /// So many events of each rotation: in the midst of every step for the first of each strategy,
    /// and at the end.
    static func cuts() throws -> [(kept: FirstFormat, count: Int)] {
        var seen: Set<Strategy> = []
        return try rotations().flatMap { kept in
            let isNew = try seen.insert(kept.state(after: 1).plan.strategy).inserted
            return try (isNew ? kept.middles() : [kept.events.count]).map { (kept, $0) }
        }
    }

    /// How many events there are in the midst of each step, and at the end.
    func middles() throws -> [Int] {
        var steps: [(step: Step, counts: [Int])] = []
        for count in 1...events.count {
            let state = try state(after: count)
            guard !state.isOver else { continue }
            if steps.last?.step != state.step { steps.append((state.step, [])) }
            steps[steps.count - 1].counts.append(count)
        }
        return steps.map { $0.counts[$0.counts.count / 2] } + [events.count]
    }

    struct NoRotation: Error {}
}

/// One row of each box, which a Rekey of that time left when it died.
enum FirstFormatBoxes {
    static let entry = (lane: "admit", event: "asked", type: "rekey.rotation.requested.v1")
    static let row = (event: "untold", type: "rekey.rotation.accepted.v1")
    static let at = 821_692_800.5
}

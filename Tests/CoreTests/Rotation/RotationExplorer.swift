import Foundation

@testable import RekeyCore

/// Walks through every state that a rotation can come to, breadth first.
///
/// Time has two values: at once, and later than every deadline of the present step. Counts of
/// failures that decide nothing any more are cut off, so that the states are finite; an attempt
/// beyond `lastAttempt` is not followed further.
struct RotationExplorer {
    struct Node {
        var rotation: Rotation
        var isLate: Bool
        /// Whether the last event was an intent: only then its deed may be under way.
        ///
        /// A claim makes turns follow each other, and whoever comes later looks first.
        var isFresh = false
        var parent: Int?
        var how: String
    }

    static let lastAttempt = 3
    static let stateLimit = 200_000

    private(set) var nodes: [Node] = []
    private(set) var edges: [[Int]] = []
    private(set) var transitions = 0
    private(set) var violations: [String] = []
    private var known: [String: Int] = [:]
    private let encoder = JSONEncoder()

    init(_ strategy: Strategy, reason: RotationReason = .routine) throws {
        encoder.outputFormatting = .sortedKeys
        let rotation = try RotationSample.rotation(strategy, reason: reason)
        _ = try add(Node(rotation: rotation, isLate: false, parent: nil, how: "accepted"))
        var next = 0
        while next < nodes.count, nodes.count < Self.stateLimit {
            try expand(next)
            next += 1
        }
    }

    /// States from which no end can be reached any more, however well all goes.
    var deadEnds: [Int] {
        var before: [[Int]] = Array(repeating: [], count: nodes.count)
        for (from, targets) in edges.enumerated() {
            for target in targets { before[target].append(from) }
        }
        var reached = Set(nodes.indices.filter { isEnd(nodes[$0]) })
        var open = Array(reached)
        while let node = open.popLast() {
            for from in before[node] where reached.insert(from).inserted { open.append(from) }
        }
        return nodes.indices.filter { !reached.contains($0) }
    }

    /// How a state was come to, from the beginning.
    func path(to index: Int) -> String {
        var steps: [String] = []
        var here: Int? = index
        while let at = here {
            steps.append(nodes[at].how)
            here = nodes[at].parent
        }
        return steps.reversed().joined(separator: " > ")
    }

    func isEnd(_ node: Node) -> Bool {
        node.rotation.isOver || node.rotation.candidate.attempt > Self.lastAttempt
    }

    private mutating func expand(_ index: Int) throws {
        let node = nodes[index]
        guard !isEnd(node) else { return }
        var found = 0
        let now = node.isLate ? RotationSample.late : RotationSample.start
        let lanes: [Lane] = [node.rotation.lane, .hook(kind: "site"), .revocation]
        for lane in lanes {
            let decision = node.rotation.next(at: now, in: lane)
            let later = node.rotation.next(at: RotationSample.late, in: lane)
            if !node.isLate, later != decision {
                try follow(index, nil, "later")
                found += 1
            }
            for event in events(decision, node) {
                try follow(index, event, "\(event.name)")
                found += 1
            }
        }
        if node.rotation.stuckReason != nil {
            let isDrift = node.rotation.stuckReason?.hasPrefix("drift") == true
            let at = RotationSample.start
            try follow(index, .resumed(rebase: isDrift, by: "test", at: at), "resumed")
            found += 1
        }
        if found == 0, !hasFailedHook(node.rotation) {
            violations.append("nothing goes on: \(path(to: index))")
        }
        if found == 0 {
            let at = RotationSample.start
            try follow(index, .resumed(rebase: false, by: "test", at: at), "resumed")
        }
    }

    private func hasFailedHook(_ rotation: Rotation) -> Bool {
        rotation.hooks.contains { $0.hasEnded && !$0.hasSucceeded }
    }

    /// Everything that may be recorded next in a lane.
    private func events(
        _ decision: Decision,
        _ node: Node
    ) -> [RotationEvent] {
        let rotation = node.rotation
        let at = RotationSample.start
        switch decision {
        case .perform(let effect):
            let intent = rotation.intent(inLaneOf: effect)
            if effect.isDeed, intent?.effect != effect {
                return [.intended(effect, at: at, deadline: at)]
            }
            let outcomes = EffectOutcomes.all(of: effect, in: rotation)
            // After a fresh intent: the deed itself, or the look of whoever comes after a crash.
            guard node.isFresh, let deed = intent?.effect, deed != effect else { return outcomes }
            return EffectOutcomes.all(of: deed, in: rotation) + outcomes
        case .finish(let step): return [.finished(step, at: at)]
        case .giveUp(let why): return [.gaveUp(why, at: at)]
        case .getStuck(let why): return [.stuck(why, at: at)]
        case .passRevokeBy: return [.revokeByPassed(at: RotationSample.late)]
        case .askForApproval: return [.askedForApproval(at: at)]
        case .wait, .hold, .nothing: return []
        }
    }

    private mutating func follow(_ index: Int, _ event: RotationEvent?, _ how: String) throws {
        var node = nodes[index]
        let before = node.rotation
        transitions += 1
        if let event {
            node.rotation.fold(event)
            if case .intended = event { node.isFresh = true } else { node.isFresh = false }
            let wrong = RotationRules.broken(by: event, from: before, to: node.rotation)
            violations += wrong.map { "\($0): \(path(to: index)) > \(how)" }
            if node.rotation.step != before.step || event.isResumption { node.isLate = false }
        } else {
            node.isLate = true
        }
        node.parent = index
        node.how = how
        let next = try add(node)
        edges[index].append(next)
    }

    /// Adds a state unless it is known, and answers its index.
    private mutating func add(_ node: Node) throws -> Int {
        var node = node
        node.rotation.number = 0
        node.rotation.probes = nil
        node.rotation.failures = min(node.rotation.failures, 2)
        for index in node.rotation.hooks.indices {
            node.rotation.hooks[index].failures = min(node.rotation.hooks[index].failures, 1)
        }
        let revocationFailures = node.rotation.revocation?.failures ?? 0
        node.rotation.revocation?.failures = min(revocationFailures, 1)
        node.rotation.revocation?.retryAt = nil
        let bytes = try encoder.encode(node.rotation)
        let key =
            String(decoding: bytes, as: UTF8.self) + (node.isLate ? "late" : "")
            + (node.isFresh ? "fresh" : "")
        if let index = known[key] { return index }
        nodes.append(node)
        edges.append([])
        known[key] = nodes.count - 1
        return nodes.count - 1
    }
}

extension Rotation {
    /// The open intent beside which no other of the effect's own lane may be.
    func intent(inLaneOf effect: Effect) -> Intent? {
        if let index = effect.hookIndex { return hooks[index].intent }
        return effect.isRevocation ? revocation?.intent : intent
    }
}

extension RotationEvent {
    /// What it is, for a path.
    fileprivate var name: String {
        switch self {
        case .intended(let effect, _, _): "intended \(effect)"
        case .observed(let observation, _): "\(observation)"
        case .failed(let effect, let failure, _): "\(effect) \(failure.kind)"
        case .finished(let step, _): "finished \(step)"
        case .gaveUp: "gave up"
        case .stuck: "stuck"
        default: "\(self)"
        }
    }

    /// Whether it lets the deadlines of the step begin anew.
    fileprivate var isResumption: Bool {
        if case .resumed = self { true } else { false }
    }
}

package import RekeyCore

/// Walks through every state that a rotation can come to, breadth first.
///
/// Time has two values: at once, and later than every deadline of the present step. An attempt
/// beyond `lastAttempt` is not followed further.
package struct RotationExplorer {
    package struct Node {
        package var rotation: Rotation
        var isLate: Bool
        /// Whose intent the last event was, where it was one: only that deed may be under way.
        ///
        /// A claim makes turns follow each other, and whoever comes later looks first.
        var fresh = Author.nobody
        var parent: Int?
        var how: String
        /// Names the rotation's state, whatever the time and whoever works on it.
        var state = 0
    }

    /// What a deed belongs to, of which each has one at a time.
    enum Author: Int {
        case nobody, step, hook, revocation

        init(_ effect: Effect) {
            self = effect.hookIndex != nil ? .hook : effect.isRevocation ? .revocation : .step
        }
    }

    /// A way from one state to another, and who takes it.
    struct Move {
        enum Kind {
            /// Whoever has the claim records an event.
            case turn
            /// A person decides.
            case command
            /// A deadline passes.
            case time
            /// Whoever had written an intent is gone, and whoever comes later looks first.
            case death
        }

        let kind: Kind
        let target: Int
    }

    static let lastAttempt = 3
    package static let stateLimit = 200_000

    package private(set) var nodes: [Node] = []
    private(set) var moves: [[Move]] = []
    package private(set) var transitions = 0
    package private(set) var violations: [String] = []
    private var rotations = RotationSet()
    private var known: [Int: Int] = [:]
    /// What is added to the configuration at any time, or never.
    private let joining: RotationEvent?
    /// What may be declared once the rotation goes back.
    private let lateCompromise: RotationReason?
    private let forget: (inout Rotation) -> Void

    /// Explores from `rotation` on; `forget` takes out of a state what decides nothing any more,
    /// such as counts that only grow, so that the states are finite.
    package init(
        _ rotation: Rotation,
        joining: RotationEvent?,
        lateCompromise: RotationReason?,
        forgetting forget: @escaping (inout Rotation) -> Void
    ) {
        self.forget = forget
        self.joining = joining
        self.lateCompromise = lateCompromise
        _ = add(Node(rotation: rotation, isLate: false, parent: nil, how: "accepted"))
        var next = 0
        while next < nodes.count, nodes.count < Self.stateLimit {
            expand(next)
            next += 1
        }
    }

    /// States from which no end can be reached any more, however well all goes.
    package var deadEnds: [Int] {
        var before: [[Int]] = Array(repeating: [], count: nodes.count)
        for (from, moves) in moves.enumerated() {
            for move in moves { before[move.target].append(from) }
        }
        var reached = Set(nodes.indices.filter { isEnd(nodes[$0]) })
        var open = Array(reached)
        while let node = open.popLast() {
            for from in before[node] where reached.insert(from).inserted { open.append(from) }
        }
        return nodes.indices.filter { !reached.contains($0) }
    }

    /// How a state was come to, from the beginning.
    package func path(to index: Int) -> String {
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

    private mutating func expand(_ index: Int) {
        let node = nodes[index]
        guard !isEnd(node) else { return }
        var found = 0
        let now = node.isLate ? RotationSample.late : RotationSample.start
        let lanes: [Lane] = [node.rotation.lane, .hook(kind: "site"), .revocation]
        for lane in lanes {
            let decision = node.rotation.next(at: now, in: lane)
            let later = node.rotation.next(at: RotationSample.late, in: lane)
            if !node.isLate, later != decision {
                followUnchanged(index, .time)
                found += 1
            }
            for event in events(decision, node) {
                follow(index, event, .turn)
                found += 1
            }
        }
        if let joining, node.rotation.joined == nil,
            lanes.contains(where: { node.rotation.takesUnion(at: now, in: $0) })
        {
            follow(index, joining, .turn)
        }
        if node.fresh != .nobody { followUnchanged(index, .death) }
        for event in decisions(on: node.rotation) {
            follow(index, event, .command)
            found += 1
        }
        if found == 0, node.fresh == .nobody, !hasFailedHook(node.rotation) {
            violations.append("nothing goes on: \(path(to: index))")
        }
        if found == 0 {
            let at = RotationSample.start
            follow(index, .resumed(rebase: false, by: "test", at: at), .command)
        }
    }

    /// What people may decide now, and the rotation lets them.
    private func decisions(on rotation: Rotation) -> [RotationEvent] {
        let at = RotationSample.start
        var commands: [RotationCommand] = []
        if let why = rotation.stuckReason {
            commands.append(.resume(rebase: false))
            if why.hasPrefix("drift") { commands.append(.resume(rebase: true)) }
        }
        if rotation.plan.policy.needsApproval {
            commands += [.approve(plan: rotation.planDigest), .approve(plan: "another"), .reject]
            commands.append(.rollback)
        }
        if let lateCompromise, rotation.isGoingBack, !rotation.reason.isCompromise {
            commands.append(.compromise(lateCompromise, request: "request"))
        }
        var events: [RotationEvent] = []
        for command in commands {
            // A refused command changes nothing.
            guard let event = try? rotation.event(for: command, by: "test", at: at) else {
                continue
            }
            events.append(event)
        }
        return events
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
            // After a fresh intent the deed itself; whoever comes after a death looks.
            let isUnderWay = intent.map { Author($0.effect) == node.fresh } ?? false
            let done = isUnderWay ? intent?.effect ?? effect : effect
            let outcomes = EffectOutcomes.all(of: done, in: rotation)
            guard node.isLate, done.hookIndex != nil else { return outcomes }
            // A hook's time is over by then.
            let failure = StepFailure(.transient, "late")
            return outcomes + [.failed(done, failure, at: RotationSample.late)]
        case .finish(let step): return [.finished(step, at: at)]
        case .giveUp(let why): return [.gaveUp(why, at: at)]
        case .getStuck(let why): return [.stuck(why, at: at)]
        case .passRevokeBy: return [.revokeByPassed(at: RotationSample.late)]
        case .askForApproval: return [.askedForApproval(at: at)]
        case .wait, .hold, .nothing: return []
        }
    }

    private mutating func follow(
        _ index: Int,
        _ event: RotationEvent,
        _ kind: Move.Kind
    ) {
        var node = nodes[index]
        let before = node.rotation
        let how = event.name
        transitions += 1
        node.rotation.fold(event)
        if case .intended(let effect, _, _) = event {
            node.fresh = Author(effect)
        } else {
            node.fresh = .nobody
        }
        let wrong = RotationRules.broken(by: event, from: before, to: node.rotation)
        violations += wrong.map { "\($0): \(path(to: index)) > \(how)" }
        if node.rotation.step != before.step || event.isResumption { node.isLate = false }
        node.parent = index
        node.how = how
        moves[index].append(Move(kind: kind, target: add(node)))
    }

    /// Follows what no event is recorded of.
    private mutating func followUnchanged(_ index: Int, _ kind: Move.Kind) {
        var node = nodes[index]
        transitions += 1
        if kind == .time { node.isLate = true } else { node.fresh = .nobody }
        node.parent = index
        node.how = kind == .time ? "later" : "died"
        moves[index].append(Move(kind: kind, target: addKnown(node)))
    }

    /// Adds a state unless it is known, and answers its index.
    private mutating func add(_ node: Node) -> Int {
        var node = node
        forget(&node.rotation)
        node.state = rotations.insert(node.rotation)
        return addKnown(node)
    }

    /// Adds a state of a rotation that is known.
    private mutating func addKnown(_ node: Node) -> Int {
        let key = node.state * 8 + (node.isLate ? 4 : 0) + node.fresh.rawValue
        if let index = known[key] { return index }
        nodes.append(node)
        moves.append([])
        known[key] = nodes.count - 1
        return nodes.count - 1
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
        case .widened: "somebody joined"
        default: "\(self)"
        }
    }

    /// Whether it lets the deadlines of the step begin anew.
    fileprivate var isResumption: Bool {
        if case .resumed = self { true } else { false }
    }
}

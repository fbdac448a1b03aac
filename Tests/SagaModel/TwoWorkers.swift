import RekeyCore

/// Two workers on every state that an explorer found, with one journal between them.
///
/// Each may wake at any time and in any lane, which is what lost, doubled, late and shuffled
/// events and timers come to. Each may lose its claim at any time, and tries to commit all the
/// same, also under a claim that it makes anew without another look, though a turn makes none
/// after its own has ended. Commands come at any time, too. The journal takes a commit under the
/// claim that was made last, and no other, and an event only behind those that its writer knew.
package struct TwoWorkers {
    /// What a journal compares before it takes a commit.
    ///
    /// Claims and numbers each keep the record right where all else is as it should be; only the
    /// claims say so before a call is made.
    package struct Guards {
        /// Whether a commit has to be made under the last claim.
        package var comparesClaims = true
        /// Whether a claim that another took over is another's.
        package var takeoverMovesEpoch = true
        /// Whether a command is recorded under a claim of its own.
        package var commandsClaim = true
        /// Whether an event has to be the next one.
        package var comparesNumbers = true

        package init() {}
    }

    /// What a worker has in hand.
    private enum Hand: Int {
        case nothing
        /// The claim that was made last.
        case claim
        /// The same, with a view from before another had it.
        case claimWithOldView
        /// A claim that another, or a command, has taken over.
        case staleClaim

        var isClaim: Bool { self == .claim || self == .claimWithOldView }
    }

    /// What belongs to each of the two.
    private struct Pair<Value> {
        var first: Value
        var second: Value

        subscript(worker: Int) -> Value {
            get { worker == 0 ? first : second }
            set {
                if worker == 0 { first = newValue } else { second = newValue }
            }
        }
    }

    /// The rotation's state, the hands, and what each worker believes the state to be.
    private struct Shared {
        var node: Int
        var hands: Pair<Hand>
        var views: Pair<Int>

        /// Two workers are alike, and what a stale one believes is refused whatever it is.
        var key: Int {
            let (one, other) = (hands.first.rawValue, hands.second.rawValue)
            return (node * 4 + min(one, other)) * 4 + max(one, other)
        }
    }

    private let explorer: RotationExplorer
    private let guards: Guards
    /// Each state without whoever had just written an intent.
    private let widowed: [Int]
    private var known: [Int: Int] = [:]
    private var states: [Shared] = []
    private var sources: [Int32] = []
    private var targets: [Int32] = []
    package private(set) var refusals = 0
    package private(set) var violations: [String] = []

    package var stateCount: Int { states.count }
    package var transitions: Int { targets.count }

    package init(_ explorer: RotationExplorer, guards: Guards = Guards()) {
        self.explorer = explorer
        self.guards = guards
        widowed = explorer.moves.enumerated().map { index, moves in
            moves.first { $0.kind == .death }?.target ?? index
        }
        let hands = Pair(first: Hand.nothing, second: .nothing)
        add(Shared(node: 0, hands: hands, views: Pair(first: 0, second: 0)), from: nil)
        var next = 0
        while next < states.count, violations.isEmpty {
            expand(next)
            next += 1
        }
    }

    /// How many states there are from which no end can be reached any more.
    package var deadEnds: Int {
        var before: [[Int32]] = Array(repeating: [], count: states.count)
        for (source, target) in zip(sources, targets) { before[Int(target)].append(source) }
        var isReached = states.map { explorer.isEnd(explorer.nodes[$0.node]) }
        var open = isReached.indices.filter { isReached[$0] }
        while let state = open.popLast() {
            for source in before[state] where !isReached[Int(source)] {
                isReached[Int(source)] = true
                open.append(Int(source))
            }
        }
        return isReached.count { !$0 }
    }

    private mutating func expand(_ index: Int) {
        let shared = states[index]
        for worker in 0...1 {
            switch shared.hands[worker] {
            case .nothing:
                claim(worker, shared, from: index)
                decide(shared, from: index)
            case .claim, .claimWithOldView: work(worker, shared, from: index)
            case .staleClaim:
                commitLate(worker, shared, from: index)
                claimAgain(worker, shared, from: index)
            }
        }
        for move in explorer.moves[shared.node] where move.kind == .time {
            var after = shared
            after.node = move.target
            // Time passes for everybody.
            for worker in 0...1 where shared.views[worker] == shared.node {
                after.views[worker] = move.target
            }
            add(after, from: index)
        }
    }

    /// A worker wakes, and claims the rotation, or takes it over.
    private mutating func claim(_ worker: Int, _ shared: Shared, from index: Int) {
        var after = takenOver(shared)
        after.hands[worker] = .claim
        after.views[worker] = after.node
        add(after, from: index)
    }

    /// Whoever had the claim has it no more, and does not know.
    private func takenOver(_ shared: Shared) -> Shared {
        var after = shared
        after.node = widowed[shared.node]
        for worker in 0...1 where shared.hands[worker].isClaim {
            after.hands[worker] = guards.takeoverMovesEpoch ? .staleClaim : shared.hands[worker]
        }
        return after
    }

    /// Renews what it does not know to be lost, once nobody else has it; it looks at nothing.
    private mutating func claimAgain(_ worker: Int, _ shared: Shared, from index: Int) {
        guard !shared.hands[1 - worker].isClaim else { return }
        var after = shared
        after.hands[worker] =
            shared.views[worker] == shared.node ? .claim : .claimWithOldView
        add(after, from: index)
    }

    private mutating func decide(_ shared: Shared, from index: Int) {
        let claimed = guards.commandsClaim ? takenOver(shared) : shared
        for move in explorer.moves[claimed.node] where move.kind == .command {
            var after = claimed
            after.node = move.target
            add(after, from: index)
        }
    }

    /// Records what it decides by its view, or ends: by itself, or with its process.
    private mutating func work(_ worker: Int, _ shared: Shared, from index: Int) {
        for move in explorer.moves[shared.views[worker]] where move.kind == .turn {
            commit(move, of: worker, shared, from: index)
        }
        var after = shared
        after.hands[worker] = .nothing
        after.node = widowed[shared.node]
        add(after, from: index)
    }

    /// Tries to record what it decided by a view that may be old by now.
    private mutating func commitLate(_ worker: Int, _ shared: Shared, from index: Int) {
        for move in explorer.moves[shared.views[worker]] where move.kind == .turn {
            guard !guards.comparesClaims else {
                refusals += 1
                continue
            }
            commit(move, of: worker, shared, from: index)
        }
        var after = shared
        after.hands[worker] = .nothing
        add(after, from: index)
    }

    private mutating func commit(
        _ move: RotationExplorer.Move,
        of worker: Int,
        _ shared: Shared,
        from index: Int
    ) {
        if shared.views[worker] != shared.node {
            guard !guards.comparesNumbers else { return refuse(worker, shared, from: index) }
            let now = explorer.path(to: shared.node)
            violations.append(
                "recorded by an old view, \(explorer.nodes[move.target].how): now \(now)"
            )
        }
        var after = shared
        after.node = move.target
        after.views[worker] = move.target
        add(after, from: index)
    }

    /// The turn ends, and the next one looks anew.
    private mutating func refuse(_ worker: Int, _ shared: Shared, from index: Int) {
        refusals += 1
        var after = shared
        after.hands[worker] = .nothing
        add(after, from: index)
    }

    private mutating func add(_ shared: Shared, from source: Int?) {
        let index = known[shared.key] ?? states.count
        if index == states.count {
            known[shared.key] = index
            states.append(shared)
        }
        guard let source else { return }
        sources.append(Int32(source))
        targets.append(Int32(index))
    }
}

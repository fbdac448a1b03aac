import RealParts
import RekeyCore
import Synchronization

/// Has every credential of a world rotated, one rotation after the other, until it is stopped.
final class ClusterLoad: Sendable {
    private struct State {
        var rounds: [Int]
        var violations: [String] = []
        var isStopped = false
    }

    private let rig: TroubleRig
    private let state: Mutex<State>

    init(_ rig: TroubleRig) {
        self.rig = rig
        state = Mutex(State(rounds: rig.world.systems.map { _ in 0 }))
    }

    /// How many rotations of each credential have ended.
    var rounds: [Int] { state.withLock { $0.rounds } }

    var ended: Int { rounds.reduce(0, +) }

    var violations: [String] { state.withLock { $0.violations } }

    /// Begins no more rotations; `run` returns when those in flight have ended.
    func stop() { state.withLock { $0.isStopped = true } }

    /// Returns once every credential's rotation has ended once more.
    func flow() async throws {
        let before = rounds
        try await eventually(within: .seconds(60), "rotations flow") {
            zip(rounds, before).allSatisfy { $0 > $1 }
        }
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in rig.world.systems.indices {
                group.addTask { try await self.rotate(index) }
            }
            try await group.waitForAll()
        }
    }

    private func rotate(_ index: Int) async throws {
        let system = rig.world.systems[index]
        while !state.withLock({ $0.isStopped }) {
            let before = await system.deeds
            let earlier = try await rig.newest([system])
            try await rig.outsider.request(system.credential.id, number: rounds[index] + 1)
            do {
                try await rig.settle(system, after: earlier)
            } catch let failure as PartFailure {
                // What is lost once stays lost, so this credential is done with.
                return state.withLock { $0.violations.append("\(failure)") }
            }
            let wrong = try await rig.violationsAtEnd([(system, before)])
            state.withLock { state in
                state.rounds[index] += 1
                state.violations += wrong
            }
        }
    }
}

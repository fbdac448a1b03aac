import Foundation
import InMemoryBroker
import RekeyCore
import RekeyPorts
import RekeyWorker

// Whether anything is left to do, and what people do where a rotation waits for them.
extension SweepWorld {
    /// Whether the rotation is over and nothing more has happened for a while.
    ///
    /// Called while everything waits.
    func isQuiet(_ state: inout ConductorState) async throws -> Bool {
        let counts = try await journal.reader.counts()
        guard counts.waitingInbox == 0, counts.unsentOutbox == 0, lateCalls.pending == 0 else {
            state.quietSince = nil
            return false
        }
        let newest = try await journal.reader.rotations(RotationQuery(limit: 1)).first
        guard let newest else {
            if state.requests < ConductorState.requestsLimit, await isDeclined(state.requests) {
                state.requests += 1
                await request(state.requests)
            }
            return false
        }
        guard newest.isOver else {
            if newest.waitsForPerson, state.resumes < ConductorState.resumesLimit {
                state.resumes += 1
                await resume(newest.id, number: state.resumes)
            }
            return false
        }
        guard counts.openRotations == 0 else { return false }
        if !hasEmptyQueues {
            // An acknowledgement was lost: in the end that costs a connection.
            if let last = state.connectionLostAt, clock.now < last + Self.restSeconds {
                return false
            }
            state.connectionLostAt = clock.now
            state.quietSince = nil
            state.connection?.disconnect()
            return false
        }
        let since = state.quietSince ?? clock.now
        state.quietSince = since
        if scenario == .nearExpiry, !state.wasRepeated {
            state.wasRepeated = true
            state.quietSince = nil
            state.requests += 1
            await request(state.requests)
            return false
        }
        return clock.now >= since + Self.restSeconds
    }

    /// Nothing waits in a queue or for its acknowledgement.
    private var hasEmptyQueues: Bool {
        Self.queues.allSatisfy { outsider.countAll(in: $0) == 0 }
    }

    static let queues = SagaBus.workerQueues(hookKinds: SweepDefinition.hookKinds)
    /// Longer than events that come late, and than a round of the sweeper.
    private static let restSeconds = 30.0
}

extension Rotation {
    /// Whether somebody has to say that it goes on.
    fileprivate var waitsForPerson: Bool {
        if stuckReason != nil { return true }
        return zip(plan.hooks, hooks).contains { planned, hook in
            if case .failed = hook.state { planned.isRequired } else { false }
        }
    }
}

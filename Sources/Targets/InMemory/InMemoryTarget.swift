package import RekeyCore
package import RekeyPorts
import Synchronization

/// A target in memory, for tests and the simulator, that can misbehave as real ones do.
///
/// It outlives the workers that use it, as the outside world does. One type serves all
/// strategies: the strategy decides which accounts there are and what `retire` means. Values that
/// it makes itself are counted, so that a run with the same calls makes the same values.
package final class InMemoryTarget: Target {
    package let strategy: Strategy
    let world: Mutex<InMemoryWorld>

    /// Makes a target that accepts `credentials`.
    ///
    /// `accounts` are the one for `replace` and the two for `alternate` and `dualKey`, in order;
    /// `addThenRemove` has none, since the target makes their ids. One without a credential may not
    /// sign in (`alternate`) or has a value that nobody was handed (`dualKey`). Without a clock new
    /// credentials are created as many seconds after 1970 as there were changes.
    ///
    /// - Precondition: Not for `valueOnly`, which has no target.
    package init(
        strategy: Strategy,
        accounts: [AccountID] = [],
        accepting credentials: [Credential],
        clock: (any RekeyPorts.Clock)? = nil
    ) {
        precondition(strategy != .valueOnly, "The strategy valueOnly has no target.")
        self.strategy = strategy
        let world = InMemoryWorld(
            strategy: strategy,
            accounts: accounts,
            accepting: credentials,
            clock: clock
        )
        self.world = Mutex(world)
    }

    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try call(.inspect) { world throws(StepFailure) in world.state(current: current) }
    }

    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        try call(.prove) { world throws(StepFailure) in
            try world.prove(credential, like: account)
        }
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try call(.accepts) { world throws(StepFailure) in world.look(at: credential) == .accepted }
    }

    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try call(.retire) { world throws(StepFailure) in
            try world.retire(account, fence: fence)
        }
    }

    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try call(.silence) { world throws(StepFailure) in world.silence(of: account) }
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        try call(.preflight) { world throws(StepFailure) in world.behaviour.findings }
    }

    /// One call: the fault that waits for it, if there is one, and else what it does.
    func call<Result>(
        _ verb: InMemoryFault.Verb,
        _ body: (inout sending InMemoryWorld) throws(StepFailure) -> Result
    ) throws(StepFailure) -> Result {
        try world.withLock { world throws(StepFailure) in
            let fault = world.nextFault(for: verb)
            if case .before(let failure) = fault { throw failure }
            let result = try body(&world)
            if case .after(let failure) = fault { throw failure }
            return result
        }
    }
}

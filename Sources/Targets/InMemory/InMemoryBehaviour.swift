package import RekeyCore
package import RekeyPorts

/// How an in-memory target behaves until it is told otherwise.
package struct InMemoryBehaviour: Sendable {
    /// How many looks at a new value say "not yet" before one says yes.
    package var looksBeforeAccepted = 0
    /// Of every so many looks, the last answers no, as from a replica that lags; 0 is never.
    package var flapEvery = 0
    /// Whether the target's policy rejects a value.
    package var refuses: @Sendable (Secret) -> Bool = { _ in false }
    /// Whether a write with an older sequence or epoch is refused.
    package var isFenced = true
    /// How many credentials `addThenRemove` keeps at most.
    package var slotLimit = Int.max
    /// Whether it does not say which of its credentials a value is.
    package var tellsNoAccount = false
    /// Accounts whose identity or rights differ from the others'.
    package var unlikeAccounts: Set<AccountID> = []
    /// What `silence(of:)` answers; without an entry it is `unused` where old and new are
    /// different principals, and `unobservable` elsewhere.
    package var silence: [AccountID: Silence] = [:]
    package var findings: [Finding] = []

    package init() {}
}

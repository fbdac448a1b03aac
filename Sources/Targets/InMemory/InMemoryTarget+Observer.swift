package import RekeyCore
import Synchronization

/// What a test does to the target from outside, and sees there; no fault touches these.
extension InMemoryTarget {
    /// Everything that is accepted now, with the values, for an outside ledger.
    package var accepted: [Credential] {
        world.withLock { world in
            world.slots.filter(\.isEnabled).map { slot in
                Credential(account: slot.account, secret: slot.secret)
            }
        }
    }

    /// Whether an application would get in with this now, whatever lags or flaps for Rekey.
    package func admits(_ credential: Credential) -> Bool {
        world.withLock { $0.slot(for: credential) != nil }
    }

    /// The accounts whose present value nobody was handed: spares that the provider keeps.
    package var spares: [AccountID] {
        world.withLock { world in world.slots.filter { !$0.isHandedOut }.map(\.account) }
    }

    /// What changed here, in order.
    package var changes: [InMemoryChange] { world.withLock { $0.changes } }

    /// How often each verb was called, the failed calls included.
    package func callCount(_ verb: InMemoryFault.Verb) -> Int {
        world.withLock { $0.calls[verb, default: 0] }
    }

    package var behaviour: InMemoryBehaviour {
        get { world.withLock { $0.behaviour } }
        set { world.withLock { $0.behaviour = newValue } }
    }

    /// The next `times` calls of `verb` fail in this way, after faults that already wait for it.
    package func inject(_ fault: InMemoryFault, on verb: InMemoryFault.Verb, times: Int = 1) {
        world.withLock { world in
            world.faults[verb, default: []] += Array(repeating: fault, count: times)
        }
    }

    /// Somebody else changes what `account` accepts, past every fence.
    package func changeFromOutside(_ credential: Credential) {
        world.withLock { $0.changeFromOutside(credential) }
    }
}

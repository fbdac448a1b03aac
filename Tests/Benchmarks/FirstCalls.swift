import RekeyCore
import Synchronization

/// When each credential's target was called for the first time since its event, and first changed.
final class FirstCalls: Sendable {
    struct Times: Sendable {
        var call: ContinuousClock.Instant?
        var change: ContinuousClock.Instant?
    }

    private let seen = Mutex<[CredentialID: Times]>([:])

    /// Forgets earlier calls, such as those by which the sweeper gets to know a credential.
    func begin(_ credential: CredentialID) { seen.withLock { $0[credential] = Times() } }

    func note(_ call: TargetCall, of credential: CredentialID) {
        let now = ContinuousClock.now
        seen.withLock { seen in
            var times = seen[credential, default: Times()]
            times.call = times.call ?? now
            if call.isChange { times.change = times.change ?? now }
            seen[credential] = times
        }
    }

    subscript(credential: CredentialID) -> Times {
        seen.withLock { $0[credential, default: Times()] }
    }
}

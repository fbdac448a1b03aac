import Foundation
import RekeyCore
import RekeyPorts

/// What an in-memory target holds, and how it changes.
struct InMemoryWorld: Sendable {
    /// One credential that is or can be accepted.
    struct Slot: Sendable {
        let account: AccountID
        var secret: Secret
        var isEnabled = true
        var isHandedOut = true
        var label: String?
        var expires: Date?
        var created: Date
        /// How many looks still say "not yet".
        var looksBeforeAccepted = 0
    }

    let strategy: Strategy
    let accounts: [AccountID]
    let clock: (any RekeyPorts.Clock)?
    var slots: [Slot] = []
    var behaviour = InMemoryBehaviour()
    var faults: [InMemoryFault.Verb: [InMemoryFault]] = [:]
    var calls: [InMemoryFault.Verb: Int] = [:]
    var changes: [InMemoryChange] = []
    var fence: Fence?
    var looks = 0
    private var madeValues = 0

    init(
        strategy: Strategy,
        accounts: [AccountID],
        accepting credentials: [Credential],
        clock: (any RekeyPorts.Clock)?
    ) {
        self.strategy = strategy
        self.accounts = accounts
        self.clock = clock
        for credential in credentials {
            let account = credential.account ?? accounts.first ?? "initial"
            slots.append(Slot(account: account, secret: credential.secret, created: now))
        }
        for account in accounts where slot(named: account) == nil {
            slots.append(Slot(account: account, secret: makeValue(), created: now))
            slots[slots.count - 1].isEnabled = strategy == .dualKey
            slots[slots.count - 1].isHandedOut = false
        }
    }

    var now: Date { clock?.now ?? Date(timeIntervalSince1970: Double(changes.count)) }

    mutating func nextFault(for verb: InMemoryFault.Verb) -> InMemoryFault? {
        calls[verb, default: 0] += 1
        guard let waiting = faults[verb], !waiting.isEmpty else { return nil }
        return faults[verb]?.removeFirst()
    }

    /// The slot that lets `credential` in, lag and flapping aside.
    func slot(for credential: Credential) -> Slot? {
        slots.first { slot in
            slot.isEnabled && slot.secret == credential.secret
                && (credential.account == nil || credential.account == slot.account)
        }
    }

    func slot(named account: AccountID) -> Slot? { slots.first { $0.account == account } }

    /// Changes the slot of `account`, or throws where there is none.
    mutating func change(
        _ account: AccountID,
        _ kind: InMemoryChange.Kind,
        fence: Fence? = nil,
        key: NaturalKey? = nil,
        _ body: (inout Slot) -> Void
    ) throws(StepFailure) {
        guard let index = slots.firstIndex(where: { $0.account == account }) else {
            throw StepFailure(.permanent, "account \(account): unknown to the target")
        }
        body(&slots[index])
        record(kind, account, fence: fence, key: key)
    }

    mutating func record(
        _ kind: InMemoryChange.Kind,
        _ account: AccountID,
        fence: Fence? = nil,
        key: NaturalKey? = nil
    ) {
        let number = changes.count + 1
        changes.append(
            InMemoryChange(number: number, kind: kind, account: account, fence: fence, key: key)
        )
    }

    /// A value that was never made before.
    mutating func makeValue() -> Secret {
        madeValues += 1
        return Secret(copying: Array("made-by-the-target-\(madeValues)".utf8))
    }

    /// Takes the fence, or throws where a newer writer was here before.
    mutating func pass(_ fence: Fence) throws(StepFailure) {
        guard behaviour.isFenced else { return }
        if let last = self.fence {
            guard last.installation == fence.installation else {
                throw StepFailure(.permanent, "fence: owned by installation \(last.installation)")
            }
            guard (last.sequence, last.epoch) <= (fence.sequence, fence.epoch) else {
                throw StepFailure(
                    .permanent,
                    "fence: sequence \(last.sequence) epoch \(last.epoch) was here before"
                )
            }
        }
        self.fence = fence
    }
}

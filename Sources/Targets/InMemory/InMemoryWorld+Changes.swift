import Foundation
import RekeyCore
import RekeyPorts

extension InMemoryWorld {
    mutating func install(_ credential: Credential, fence: Fence) throws(StepFailure) {
        guard strategy == .replace || strategy == .alternate else {
            throw StepFailure(.permanent, "strategy \(strategy): takes no value")
        }
        guard let account = credential.account ?? accounts.first ?? slots.first?.account else {
            throw StepFailure(.permanent, "install: no account named")
        }
        try pass(fence)
        guard !behaviour.refuses(credential.secret) else {
            throw StepFailure(.refused, "policy: value rejected")
        }
        guard slot(for: Credential(account: account, secret: credential.secret)) == nil else {
            return
        }
        let (now, looks) = (now, behaviour.looksBeforeAccepted)
        try change(account, .installed, fence: fence) { slot in
            slot.secret = credential.secret
            slot.isEnabled = true
            slot.isHandedOut = true
            slot.created = now
            slot.looksBeforeAccepted = looks
        }
    }

    mutating func issue(_ key: NaturalKey, expires: Date?) throws(StepFailure) -> IssuedCredential {
        guard strategy == .addThenRemove else {
            throw StepFailure(.permanent, "strategy \(strategy): issues no credential")
        }
        guard slots.count < behaviour.slotLimit else {
            throw StepFailure(.permanent, "issue: all \(behaviour.slotLimit) slots are taken")
        }
        let account = AccountID("issued-\(changes.count + 1)")
        var slot = Slot(account: account, secret: makeValue(), created: now)
        slot.label = key.text
        slot.expires = expires
        slot.looksBeforeAccepted = behaviour.looksBeforeAccepted
        slots.append(slot)
        record(.issued, account, key: key)
        return IssuedCredential(account: account, secret: slot.secret, expires: expires)
    }

    mutating func regenerate(_ account: AccountID, key: NaturalKey) throws(StepFailure) {
        guard strategy == .dualKey else {
            throw StepFailure(.permanent, "strategy \(strategy): keeps no keys")
        }
        try replaceKey(account, .regenerated, key: key)
    }

    mutating func handOut(_ account: AccountID) throws(StepFailure) -> Secret {
        guard strategy == .dualKey else {
            throw StepFailure(.permanent, "strategy \(strategy): shows no value")
        }
        guard let index = slots.firstIndex(where: { $0.account == account }) else {
            throw StepFailure(.permanent, "account \(account): unknown to the target")
        }
        slots[index].isHandedOut = true
        return slots[index].secret
    }

    /// Ends a credential as the strategy does: nothing, no sign-in, removed, or a fresh spare.
    mutating func retire(_ account: AccountID, fence: Fence) throws(StepFailure) {
        try pass(fence)
        switch strategy {
        case .replace, .valueOnly:
            return
        case .alternate:
            guard slot(named: account)?.isEnabled != false else { return }
            try change(account, .retired, fence: fence) { $0.isEnabled = false }
        case .addThenRemove:
            guard slot(named: account) != nil else { return }
            slots.removeAll { $0.account == account }
            record(.retired, account, fence: fence)
        case .dualKey:
            guard slot(named: account)?.isHandedOut != false else { return }
            try replaceKey(account, .retired, fence: fence)
        }
    }

    mutating func changeFromOutside(_ credential: Credential) {
        let account = credential.account ?? accounts.first ?? slots.first?.account ?? "outside"
        slots.removeAll { $0.account == account }
        slots.append(Slot(account: account, secret: credential.secret, created: now))
        record(.changedFromOutside, account)
    }

    private mutating func replaceKey(
        _ account: AccountID,
        _ kind: InMemoryChange.Kind,
        fence: Fence? = nil,
        key: NaturalKey? = nil
    ) throws(StepFailure) {
        guard slot(named: account) != nil else {
            throw StepFailure(.permanent, "account \(account): unknown to the target")
        }
        let (now, looks, secret) = (now, behaviour.looksBeforeAccepted, makeValue())
        try change(account, kind, fence: fence, key: key) { slot in
            slot.secret = secret
            slot.isHandedOut = false
            slot.label = key?.text
            slot.created = now
            slot.looksBeforeAccepted = looks
        }
    }
}

import RekeyCore
import RekeyPorts

extension InMemoryWorld {
    /// What one sign-in shows.
    enum Look { case accepted, notYet, refused }

    /// Signs in, and counts as one look for the lag and the flapping.
    mutating func look(at credential: Credential) -> Look {
        looks += 1
        guard let slot = slot(for: credential) else { return .refused }
        if slot.looksBeforeAccepted > 0 {
            for index in slots.indices where slots[index].account == slot.account {
                slots[index].looksBeforeAccepted -= 1
            }
            return .notYet
        }
        if behaviour.flapEvery > 0, looks.isMultiple(of: behaviour.flapEvery) { return .notYet }
        return .accepted
    }

    mutating func prove(
        _ credential: Credential,
        like account: AccountID?
    ) throws(StepFailure) {
        switch look(at: credential) {
        case .notYet: throw StepFailure(.transient, "sign-in: not yet accepted")
        case .refused: throw StepFailure(.permanent, "sign-in: refused")
        case .accepted: break
        }
        guard let account, let own = slot(for: credential)?.account, own != account else { return }
        guard !behaviour.unlikeAccounts.contains(own) else {
            throw StepFailure(.permanent, "account \(own): rights differ from \(account)")
        }
    }

    func state(current: Credential?) -> TargetState {
        let accepted = slots.filter(\.isEnabled).map { slot in
            TargetState.Accepted(
                slot.account,
                label: slot.label,
                expires: slot.expires,
                created: slot.created
            )
        }
        let account = current.flatMap { current in
            // Of several credentials the value decides, whichever was recorded.
            let value = Credential(account: nil, secret: current.secret)
            let held = slot(for: current) ?? (strategy == .addThenRemove ? slot(for: value) : nil)
            return behaviour.tellsNoAccount ? nil : held?.account ?? named(by: current)
        }
        return TargetState(accepted: accepted, current: account, next: next(after: account))
    }

    /// The account in use, whether or not it may sign in still.
    private func named(by current: Credential) -> AccountID? {
        switch strategy {
        // The document names it.
        case .alternate: accounts.first { $0 == current.account }
        // The one that there is, whatever the document says.
        case .replace: accounts.first
        case .dualKey, .addThenRemove, .valueOnly: nil
        }
    }

    private func next(after current: AccountID?) -> AccountID? {
        switch strategy {
        case .replace: accounts.first ?? current
        case .alternate, .dualKey:
            current.flatMap { current in accounts.first { $0 != current } }
        case .addThenRemove, .valueOnly: nil
        }
    }

    func silence(of account: AccountID) -> Silence {
        if let silence = behaviour.silence[account] { return silence }
        return switch strategy {
        case .alternate, .addThenRemove: .unused
        case .replace, .dualKey, .valueOnly: .unobservable
        }
    }
}

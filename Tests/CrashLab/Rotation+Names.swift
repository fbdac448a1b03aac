package import InMemoryTarget
package import RekeyCore
import RekeyPorts

extension Rotation {
    /// Whether what is open here names an account, by its id or by the label that it was given.
    package func names(_ account: AccountID, of target: InMemoryTarget) -> Bool {
        guard !isOver else { return false }
        // What the target made is named from its own commit on, also while a write is retried.
        if candidate.issued == account || candidate.orphans.contains(account) { return true }
        guard let intent else { return false }
        switch intent.effect {
        case .issue:
            let key = naturalKey(of: .issue)
            return target.changes.contains {
                $0.kind == .issued && $0.account == account && $0.key == key
            }
        case .withdraw(let named), .retire(let named), .regenerate(let named):
            return named == account
        case .install, .reinstall:
            return account == candidate.account || account == plan.previousAccount
        default: return false  // The others change nothing that a target accepts.
        }
    }
}

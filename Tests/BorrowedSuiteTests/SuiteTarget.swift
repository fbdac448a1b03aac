import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts
import Synchronization

/// A target in memory that can be out of reach, and that remembers as whom it was asked.
final class SuiteTarget: InstallingTarget, IssuingTarget, RegeneratingTarget {
    enum Reach: Sendable {
        case all
        /// Enough to admit a rotation, and nothing of it.
        case onlyInspection
        case nothing
    }

    let inner: InMemoryTarget
    private let state = Mutex(
        (reach: Reach.all, isLostAfterDeed: false, asked: [AccountID?]())
    )

    init(_ inner: InMemoryTarget) { self.inner = inner }

    /// Which calls come through; the others fail, with nothing changed.
    var reach: Reach {
        get { state.withLock { $0.reach } }
        set { state.withLock { $0.reach = newValue } }
    }

    /// Loses the answer to the next deed, and is out of reach from then on.
    func loseAfterDeed() { state.withLock { $0.isLostAfterDeed = true } }

    /// The accounts of every sign-in, in order.
    var asked: [AccountID?] { state.withLock { $0.asked } }

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try come(isInspection: true)
        return try await inner.inspect(current: current)
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        try come(as: credential)
        try await inner.prove(credential, like: account)
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try come(as: credential)
        return try await inner.accepts(credential)
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try come()
        try await inner.retire(account, fence: fence)
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try come()
        return try await inner.silence(of: account)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await inner.preflight() }

    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        try come()
        try await inner.install(credential, fence: fence)
        try leave()
    }

    func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        try come()
        let issued = try await inner.issue(key, expires: expires)
        try leave()
        return issued
    }

    func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try come()
        return try await inner.issued(key)
    }

    func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try come()
        try await inner.regenerate(slot, key: key)
        try leave()
    }

    func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        try come()
        return try await inner.value(of: slot)
    }

    private func come(
        as credential: Credential? = nil,
        isInspection: Bool = false
    ) throws(StepFailure) {
        let reach = state.withLock { state in
            if let credential { state.asked.append(credential.account) }
            return state.reach
        }
        guard reach == .all || (reach == .onlyInspection && isInspection) else {
            throw StepFailure(.transient, "out of reach")
        }
    }

    private func leave() throws(StepFailure) {
        let isLost = state.withLock { state in
            guard state.isLostAfterDeed else { return false }
            state.isLostAfterDeed = false
            state.reach = .nothing
            return true
        }
        if isLost { throw StepFailure(.unknown, "answer lost") }
    }
}

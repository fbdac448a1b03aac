package import Foundation
package import RekeyCore
package import RekeyPorts

/// A target with a planted mistake: a new credential ends all others at once.
package struct MistakenTarget<Base: Target>: Target {
    private let base: Base

    package init(_ base: Base) { self.base = base }

    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await base.inspect(current: current)
    }

    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        try await base.prove(credential, like: account)
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try await base.accepts(credential)
    }

    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try await base.retire(account, fence: fence)
    }

    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await base.silence(of: account)
    }

    package func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }

    private func endOthers(
        than account: AccountID?,
        _ fence: Fence
    ) async throws(StepFailure) {
        let accepted = try await base.inspect(current: nil).accepted
        for other in accepted.map(\.account) where other != account {
            try await base.retire(other, fence: fence)
        }
    }
}

extension MistakenTarget: InstallingTarget where Base: InstallingTarget {
    package func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        try await base.install(credential, fence: fence)
        try await endOthers(than: credential.account, fence)
    }
}

extension MistakenTarget: IssuingTarget where Base: IssuingTarget {
    package func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        let issued = try await base.issue(key, expires: expires)
        let fence = Fence(installation: "planted", credential: "planted", sequence: 0, epoch: 0)
        try await endOthers(than: issued.account, fence)
        return issued
    }

    package func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try await base.issued(key)
    }
}

extension MistakenTarget: RegeneratingTarget where Base: RegeneratingTarget {
    package func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try await base.regenerate(slot, key: key)
        let fence = Fence(installation: "planted", credential: "planted", sequence: 0, epoch: 0)
        try await endOthers(than: slot, fence)
    }

    package func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        try await base.value(of: slot)
    }
}

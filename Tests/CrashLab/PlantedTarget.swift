import CrashSupport
import Foundation
import RekeyCore
import RekeyPorts

/// A target that is used in a mistaken way.
struct PlantedTarget: Target {
    let base: SeamTarget
    let mistake: Mistake
    let memory: PlantedMemory

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await base.inspect(current: current)
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        if isPending(credential) { return }
        try await base.prove(credential, like: account)
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        if isPending(credential) { return true }
        return try await base.accepts(credential)
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try await base.retire(account, fence: fence)
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await base.silence(of: account)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }

    private func isPending(_ credential: Credential) -> Bool {
        memory.withContents { $0.pending?.credential.secret == credential.secret }
    }
}

extension PlantedTarget: InstallingTarget {
    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        switch mistake {
        case .vaultBeforeTarget: memory.withContents { $0.pending = (credential, fence) }
        case .ambiguousDropped:
            do { try await base.install(credential, fence: fence) } catch {
                guard error.kind == .unknown else { throw error }
                throw StepFailure(.permanent, error.reason)
            }
        default: try await base.install(credential, fence: fence)
        }
    }
}

extension PlantedTarget: IssuingTarget {
    func issue(_ key: NaturalKey, expires: Date?) async throws(StepFailure) -> IssuedCredential {
        switch mistake {
        case .unstableOperation:
            let number = memory.withContents { contents in
                contents.operations += 1
                return contents.operations
            }
            return try await base.issue(NaturalKey("operation-\(number)"), expires: expires)
        case .repeatsBlindly:
            do { return try await base.issue(key, expires: expires) } catch {
                guard error.kind == .unknown else { throw error }
                return try await base.issue(key, expires: expires)
            }
        case .revokeBeforePersist:
            let issued = try await base.issue(key, expires: expires)
            let others = try await base.inspect(current: nil).accepted.map(\.account)
            let fence = Fence(installation: "planted", credential: "planted", sequence: 0, epoch: 0)
            for other in others where other != issued.account {
                try await base.retire(other, fence: fence)
            }
            return issued
        default: return try await base.issue(key, expires: expires)
        }
    }

    func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try await base.issued(key)
    }
}

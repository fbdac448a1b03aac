import RekeyCore
import RekeyPorts

/// A verb of the port, as a measurement counts it.
enum TargetCall: String, Sendable {
    case inspect, prove, accepts, retire, silence, preflight, install

    /// Whether the target is another one afterwards.
    var isChange: Bool { self == .install || self == .retire }
}

/// A target that tells of each call before it is made.
struct WatchedTarget: InstallingTarget {
    let base: any InstallingTarget
    let watch: @Sendable (TargetCall) async -> Void

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        await watch(.inspect)
        return try await base.inspect(current: current)
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        await watch(.prove)
        try await base.prove(credential, like: account)
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        await watch(.accepts)
        return try await base.accepts(credential)
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        await watch(.retire)
        try await base.retire(account, fence: fence)
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        await watch(.silence)
        return try await base.silence(of: account)
    }

    func preflight() async throws(StepFailure) -> [Finding] {
        await watch(.preflight)
        return try await base.preflight()
    }

    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        await watch(.install)
        try await base.install(credential, fence: fence)
    }
}

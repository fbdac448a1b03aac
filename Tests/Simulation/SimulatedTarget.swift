import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts

/// A target as a worker reaches it: it fails as the weather wants, and is looked at.
struct SimulatedTarget: InstallingTarget, IssuingTarget, RegeneratingTarget {
    let world: SimulatedWorld
    let secret: SimulatedSecret
    let base: InMemoryTarget

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await call("inspect") { () async throws(StepFailure) in
            try await base.inspect(current: current)
        }
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        try await call("prove") { () async throws(StepFailure) in
            try await base.prove(credential, like: account)
        }
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try await call("accepts") { () async throws(StepFailure) in
            try await base.accepts(credential)
        }
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try await call("retire(\(account))", isDeed: true) { () async throws(StepFailure) in
            try await base.retire(account, fence: fence)
        }
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await call("silence") { () async throws(StepFailure) in
            try await base.silence(of: account)
        }
    }

    func preflight() async throws(StepFailure) -> [Finding] {
        try await call("preflight") { () async throws(StepFailure) in try await base.preflight() }
    }

    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        let name = credential.account?.text ?? ""
        try await call("install(\(name))", isDeed: true) { () async throws(StepFailure) in
            try await base.install(credential, fence: fence)
        }
    }

    func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        try await call("issue", isDeed: true) { () async throws(StepFailure) in
            try await base.issue(key, expires: expires)
        }
    }

    func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try await call("issued") { () async throws(StepFailure) in try await base.issued(key) }
    }

    func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try await call("regenerate(\(slot))", isDeed: true) { () async throws(StepFailure) in
            try await base.regenerate(slot, key: key)
        }
    }

    func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        try await call("value(\(slot))") { () async throws(StepFailure) in
            try await base.value(of: slot)
        }
    }

    private func call<Value: Sendable>(
        _ verb: String,
        isDeed: Bool = false,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        let system = SecretMaker.targetSystem(secret.number)
        return try await world.call(verb, on: system, about: secret, isDeed: isDeed, body)
    }
}

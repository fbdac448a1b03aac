package import Foundation
package import RekeyCore
package import RekeyPorts

/// A target behind a seam.
///
/// What its base cannot do fails, as it would without the seam.
package struct SeamTarget: Target {
    private let base: any Target
    private let seam: Seam

    package init(_ base: any Target, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await pass("inspect") { () async throws(StepFailure) in
            try await base.inspect(current: current)
        }
    }

    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        try await pass("prove") { () async throws(StepFailure) in
            try await base.prove(credential, like: account)
        }
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try await pass("accepts") { () async throws(StepFailure) in
            try await base.accepts(credential)
        }
    }

    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try await pass("retire") { () async throws(StepFailure) in
            try await base.retire(account, fence: fence)
        }
    }

    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await pass("silence") { () async throws(StepFailure) in
            try await base.silence(of: account)
        }
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        try await pass("preflight") { () async throws(StepFailure) in
            try await base.preflight()
        }
    }

    private func pass<Value: Sendable>(
        _ call: String,
        _ body: @escaping @Sendable () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        try await seam.pass("target.\(call)", failing: \.self, body)
    }

    private var missing: StepFailure { StepFailure(.permanent, "seam: the target cannot do this") }
}

extension SeamTarget: InstallingTarget {
    package func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        guard let target = base as? any InstallingTarget else { throw missing }
        try await pass("install") { () async throws(StepFailure) in
            try await target.install(credential, fence: fence)
        }
    }
}

extension SeamTarget: IssuingTarget {
    package func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        guard let target = base as? any IssuingTarget else { throw missing }
        return try await pass("issue") { () async throws(StepFailure) in
            try await target.issue(key, expires: expires)
        }
    }

    package func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        guard let target = base as? any IssuingTarget else { throw missing }
        return try await pass("issued") { () async throws(StepFailure) in
            try await target.issued(key)
        }
    }
}

extension SeamTarget: RegeneratingTarget {
    package func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        guard let target = base as? any RegeneratingTarget else { throw missing }
        try await pass("regenerate") { () async throws(StepFailure) in
            try await target.regenerate(slot, key: key)
        }
    }

    package func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        guard let target = base as? any RegeneratingTarget else { throw missing }
        return try await pass("value") { () async throws(StepFailure) in
            try await target.value(of: slot)
        }
    }
}

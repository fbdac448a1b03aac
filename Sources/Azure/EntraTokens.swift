package import Foundation
package import RekeyCore
import RekeyPlatform

/// Tokens of one identity, cached until five minutes before their end.
///
/// However many ask for the same token at once, one request is sent. A failure is not cached.
package actor EntraTokens: TokenSource {
    /// A federated token file is read again after this long, since the platform replaces it.
    private static let federatedFileSeconds = 600.0
    /// A longer token file is refused.
    private static let federatedFileByteLimit = 64 * 1024

    private let identity: EntraIdentity
    private let authority: String
    private let http: any HTTPTransport
    private let now: @Sendable () -> Date
    private let pause: @Sendable (Duration) async throws -> Void

    private var cached: [String: AccessToken] = [:]
    private var asking: [Question: [CheckedContinuation<Answer, Never>]] = [:]
    private var federated: (token: Secret, readAt: Date)?

    /// `now` and `pause` are given by tests that turn the clock themselves.
    package init(
        _ identity: EntraIdentity,
        environment: AzureEnvironment,
        http: any HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() },
        pause: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        }
    ) {
        self.identity = identity
        authority = environment.authority
        self.http = http
        self.now = now
        self.pause = pause
    }

    package func token(
        for resource: String,
        claims: String?
    ) async throws(StepFailure) -> AccessToken {
        let question = Question(resource: resource, claims: claims)
        while true {
            if claims == nil, let token = cached[resource], now() < token.refreshes { return token }
            guard asking[question] != nil else { break }
            let answer = await withCheckedContinuation { asking[question]?.append($0) }
            switch answer {
            case .success(let token): return token
            case .failure(let failure): throw failure
            // Who asked for all of us was cancelled: one of us asks again.
            case .cancelled: continue
            }
        }
        asking[question] = []
        let answer = await ask(question)
        for waiting in asking.removeValue(forKey: question) ?? [] {
            waiting.resume(returning: answer)
        }
        switch answer {
        case .success(let token): return token
        case .failure(let failure): throw failure
        case .cancelled: throw StepFailure(.transient, "token: cancelled")
        }
    }

    package func forget(_ resource: String) {
        cached[resource] = nil
        federated = nil
    }

    private func ask(_ question: Question) async -> Answer {
        do throws(StepFailure) {
            let token = try await fresh(question)
            cached[question.resource] = token
            return .success(token)
        } catch {
            // A token that still works bridges a token endpoint that gives none, whatever it says:
            // a new secret of Rekey's own that has not spread is refused as a wrong one is.
            if question.claims == nil,
                let token = cached[question.resource], now() < token.expires
            {
                return .success(token)
            }
            return Task.isCancelled ? .cancelled : .failure(error)
        }
    }

    private func fresh(_ question: Question) async throws(StepFailure) -> AccessToken {
        do throws(TokenFailure) {
            switch identity {
            case .clientSecret(let tenant, let client, let source):
                let secret: Secret
                do throws(StepFailure) { secret = try await source() } catch {
                    throw TokenFailure(error.kind, detail: "client secret: \(error.reason)")
                }
                return try await endpoint(tenant, client).token(
                    for: question.resource,
                    secret: secret,
                    claims: question.claims
                )
            case .certificate(let tenant, let client, let certificate):
                let endpoint = endpoint(tenant, client)
                return try await endpoint.token(
                    for: question.resource,
                    assertion: try endpoint.assertion(certificate),
                    claims: question.claims
                )
            case .federated(let tenant, let client, let file):
                return try await endpoint(tenant, client).token(
                    for: question.resource,
                    assertion: try federatedToken(file),
                    claims: question.claims
                )
            case .managed(let identity):
                return try await identity.token(
                    for: question.resource,
                    http: http,
                    now: now,
                    pause: pause
                )
            }
        } catch {
            if error.kind == .permanent { federated = nil }  // It may have been replaced early.
            throw StepFailure(error)
        }
    }

    private func endpoint(_ tenant: String, _ client: String) -> TokenEndpoint {
        TokenEndpoint(authority: authority, tenant: tenant, client: client, http: http, now: now)
    }

    private func federatedToken(_ path: String) throws(TokenFailure) -> Secret {
        if let federated, now().timeIntervalSince(federated.readAt) < Self.federatedFileSeconds {
            return federated.token
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw TokenFailure(.permanent, detail: "cannot read the federated token file")
        }
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let trimmed = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !trimmed.isEmpty, trimmed.count <= Self.federatedFileByteLimit else {
            throw TokenFailure(.permanent, detail: "the federated token file is empty or too long")
        }
        let token = Secret(copying: Array(trimmed))
        federated = (token, now())
        return token
    }
}

/// What is asked of Entra.
private struct Question: Hashable {
    let resource: String
    let claims: String?
}

/// What came of it, for everybody who asked.
private enum Answer: Sendable {
    case success(AccessToken)
    case failure(StepFailure)
    case cancelled
}

package import Foundation
package import RekeyAzure
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// The client secrets of an Entra application (strategy `addThenRemove`, azure.md §4).
///
/// Entra makes the value and shows it once. Reads lag behind writes and flap, so nothing is
/// believed that several reads do not agree on; a new secret is believed after several token
/// requests in a row. An account here is a password's key id.
package struct EntraApplicationTarget: IssuingTarget {
    let settings: EntraApplicationSettings
    let directory: ApplicationDirectory
    let now: @Sendable () -> Date
    private let endpoint: TokenEndpoint
    private let turn: WriteTurn

    /// `tokens` are of an identity that may write the application; throws where an id is misspelt.
    package init(
        _ settings: EntraApplicationSettings,
        http: any HTTPTransport,
        tokens: any TokenSource,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(StepFailure) {
        self.settings = settings
        self.now = now
        directory = try ApplicationDirectory(settings, http: http, tokens: tokens)
        endpoint = TokenEndpoint(
            authority: settings.environment.authority,
            tenant: settings.tenantID,
            client: settings.applicationID,
            http: http,
            now: now
        )
        turn = WriteTurn.of(application: settings.applicationID.lowercased())
    }

    /// Adds a password whose display name is made of `key`.
    ///
    /// It ends at `expires`, or after the settings' lifetime. `unknown` where the answer was lost.
    package func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        try refuseWhereDisabled()
        await turn.take()
        defer { turn.give() }
        do throws(AzureFailure) {
            let application = try await directory.application()
            if let refusal = full(application) {
                throw await directory.failure(.permanent, "addPassword", refusal)
            }
            let life = Double(settings.lifetimeDays) * 86400
            let end = expires ?? now().addingTimeInterval(life)
            let added = try await directory.add(displayName: label(for: key), expires: end)
            return IssuedCredential(
                account: AccountID(added.password.keyId),
                secret: added.secret,
                expires: added.password.endDateTime.flatMap(GraphTime.date)
            )
        } catch {
            throw StepFailure(error)
        }
    }

    package func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        let label = label(for: key)
        let found = try await agreed { application in
            application.passwords.filter { $0.displayName == label }.map(\.account).sorted()
        } after: { found in
            found.isEmpty ? settings.settling.absenceWindow : .zero
        }
        return found
    }

    /// Removes the password and returns when reads agree that it is gone.
    ///
    /// A 400 says that it is not there, either any more or not yet; only the reads decide.
    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try refuseWhereDisabled()
        await turn.take()
        defer { turn.give() }
        do throws(AzureFailure) { try await directory.remove(account) } catch {
            guard error.status == 400 else { throw StepFailure(error) }
        }
        _ = try await agreed { application in
            application.passwords.contains { $0.account == account }
        } after: { isListed in
            isListed ? nil : settings.settling.absenceWindow
        }
    }

    /// What works now; expired passwords do not.
    ///
    /// `current` is the password of its recorded account, unless that one's hint says that its
    /// value is another; else the only one whose hint its value begins with, else untold. Whoever
    /// adds a secret by hand leaves the recorded account behind, in journal and copied tags.
    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        let passwords = try await agreed(\.passwords.facts, after: { _ in .zero })
        let live = passwords.filter { $0.expires.map { $0 > now() } ?? true }
        let accepted = live.map { password in
            TargetState.Accepted(
                password.account,
                label: password.label.map(naturalKeyText),
                expires: password.expires,
                created: password.start
            )
        }
        return TargetState(
            accepted: accepted,
            current: current.flatMap { account(of: $0, in: live) }
        )
    }

    /// Asks for tokens with the secret until enough of them came in a row, for long enough.
    ///
    /// Each goes by a connection of its own, since the secret reaches Entra's servers one by one.
    /// Entra answers the same to a wrong secret and to one that has not spread (AADSTS7000215), so
    /// this is `transient` until somebody's deadline ends it.
    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        let clock = ContinuousClock()
        let deadline = clock.now + settings.proving.limit
        var successes = 0
        var firstSuccess = clock.now
        while true {
            do throws(TokenFailure) {
                _ = try await token(credential.secret, isFresh: true)
                if successes == 0 { firstSuccess = clock.now }
                successes += 1
            } catch {
                guard error.entraCodes.contains(TokenFailure.Code.wrongSecret) else {
                    throw failure(error)
                }
                successes = 0
            }
            if successes >= settings.proving.successes,
                firstSuccess.duration(to: clock.now) >= settings.proving.span
            {
                return
            }
            guard clock.now + settings.proving.interval < deadline else {
                let reason = "target \(settings.name): AADSTS7000215, the secret has not spread yet"
                throw StepFailure(.transient, reason)
            }
            try await pause(settings.proving.interval)
        }
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        do throws(TokenFailure) {
            _ = try await token(credential.secret)
            return true
        } catch {
            guard error.isRefusedSecret else { throw failure(error) }
            return false
        }
    }

    /// Entra tells nobody when a secret was last used.
    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        .unobservable
    }

    func pause(_ duration: Duration) async throws(StepFailure) {
        do { try await Task.sleep(for: duration) } catch {
            throw StepFailure(.transient, "target \(settings.name): cancelled")
        }
    }

    /// With `isFresh` on a connection of its own; each request signs in anew on any.
    private func token(
        _ secret: Secret,
        isFresh: Bool = false
    ) async throws(TokenFailure) -> AccessToken {
        let resource = settings.proofResource ?? settings.environment.graphResource
        return try await endpoint.token(for: resource, secret: secret, isFresh: isFresh)
    }

    private func failure(_ failure: TokenFailure) -> StepFailure {
        let reason = "target \(settings.name): \(failure.reason)"
        return StepFailure(failure.kind, reason, retryAfterSeconds: failure.retryAfterSeconds)
    }

    private func refuseWhereDisabled() throws(StepFailure) {
        guard settings.isEnabled else {
            let reason = "target \(settings.name): switched off in the configuration"
            throw StepFailure(.permanent, reason)
        }
    }

    /// Which password a credential is.
    private func account(
        of credential: Credential,
        in live: [ApplicationFacts.Password]
    ) -> AccountID? {
        let recorded = live.first { $0.account == credential.account }
        if let recorded, recorded.hint.map(credential.secret.begins) ?? true {
            return recorded.account
        }
        let matching = live.filter { $0.hint.map(credential.secret.begins) ?? false }
        return matching.count == 1 ? matching.first?.account : nil
    }
}

extension Secret {
    fileprivate func begins(with hint: String) -> Bool {
        let hint = Array(hint.utf8)
        guard !hint.isEmpty, hint.count <= byteCount else { return false }
        return reveal { span in
            hint.indices.allSatisfy {
                unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == hint[$0]
            }
        }
    }
}

import Foundation
import RekeyAzure
package import RekeyCore
import RekeyPlatform
import RekeyPorts

/// Reads that are believed, labels, and what `rekey check` is told.
extension EntraApplicationTarget {
    /// A longer display name is shortened, and ends in a hash of the whole.
    package static let labelLimit = 120
    private static let hashDigits = 16

    /// The display name of what is issued for `key`.
    package func label(for key: NaturalKey) -> String {
        let label = settings.labelPrefix + key.text
        guard label.count > Self.labelLimit else { return label }
        let hash = Digest.sha256(Array(key.text.utf8)).prefix(Self.hashDigits / 2)
        let digits = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return label.prefix(Self.labelLimit - Self.hashDigits - 1) + "~" + digits
    }

    /// Our prefix taken off again; another's label stays as it is.
    func naturalKeyText(_ label: String) -> String {
        guard label.hasPrefix(settings.labelPrefix) else { return label }
        return String(label.dropFirst(settings.labelPrefix.count))
    }

    /// What `view` shows, once enough reads in a row show the same.
    ///
    /// `window` says how long they have to; nil for something that is not the awaited. Throws
    /// `transient` when the settings' limit is reached.
    func agreed<Value: Equatable & Sendable>(
        _ view: (GraphApplication) -> Value,
        after window: (Value) -> Duration?
    ) async throws(StepFailure) -> Value {
        let clock = ContinuousClock()
        let begin = clock.now
        var last: (value: Value, reads: Int, since: ContinuousClock.Instant)?
        while true {
            let application: GraphApplication
            do throws(AzureFailure) { application = try await directory.application() } catch {
                throw StepFailure(error)
            }
            let value = view(application)
            if let previous = last, previous.value == value {
                last = (value, previous.reads + 1, previous.since)
            } else {
                last = (value, 1, clock.now)
            }
            if let last, let window = window(value), last.reads >= settings.settling.agreeingReads,
                last.since.duration(to: clock.now) >= window
            {
                return value
            }
            guard begin.duration(to: clock.now) < settings.settling.limit else {
                let reason = "target \(settings.name): Graph's reads have not settled"
                throw StepFailure(.transient, reason)
            }
            try await pause(settings.settling.interval)
        }
    }

    /// Why there is no room for another password; nil where there is.
    func full(_ application: GraphApplication) -> String? {
        guard let maximum = settings.maximumPasswords ?? application.passwordLimit,
            application.passwords.count >= maximum
        else { return nil }
        let oldest = application.passwords.sorted {
            ($0.start ?? .distantPast) < ($1.start ?? .distantPast)
        }
        let names = oldest.map { "\($0.keyId) (\($0.displayName ?? "no name"))" }
        return "all \(maximum) passwords are taken, the oldest first: "
            + names.joined(separator: ", ")
    }

    /// What the registration is, by one read; nothing is changed.
    package func facts() async throws(StepFailure) -> ApplicationFacts {
        do throws(AzureFailure) {
            let application = try await directory.application()
            var owners: [GraphOwner]?
            if settings.checksOwners {
                do throws(AzureFailure) { owners = try await directory.owners() } catch {
                    guard error.status == 403 else { throw error }
                }
            }
            return facts(application, owners)
        } catch {
            throw StepFailure(error)
        }
    }

    private func facts(
        _ application: GraphApplication,
        _ owners: [GraphOwner]?
    ) -> ApplicationFacts {
        let passwords = application.passwords.facts
        return ApplicationFacts(
            objectID: application.id,
            applicationID: application.appId,
            displayName: application.displayName,
            created: application.createdDateTime.flatMap(GraphTime.date),
            lastUpdated: passwords.compactMap(\.start).max(),
            signInAudience: application.signInAudience,
            passwords: passwords,
            maximumPasswords: settings.maximumPasswords ?? application.passwordLimit,
            owners: owners?.map { owner in
                ApplicationFacts.Owner(
                    id: owner.id,
                    kind: owner.kind?.split(separator: ".").last.map(String.init) ?? "unknown",
                    displayName: owner.displayName
                )
            },
            isEnabled: settings.isEnabled,
            lifetimeDays: settings.lifetimeDays,
            updateThresholdHours: settings.updateThresholdHours
        )
    }
}

extension [GraphApplication.Password] {
    /// In one order, whatever Graph's.
    var facts: [ApplicationFacts.Password] {
        sorted { $0.keyId < $1.keyId }.map { password in
            ApplicationFacts.Password(
                account: password.account,
                label: password.displayName,
                hint: password.hint,
                start: password.start,
                expires: password.expires
            )
        }
    }
}

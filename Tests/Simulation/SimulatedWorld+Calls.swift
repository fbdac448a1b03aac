import CrashLab
import Foundation
import RekeyCore
import RekeyPorts

// Every call that leaves a worker.
extension SimulatedWorld {
    /// Makes one call, as the weather lets it, and looks afterwards.
    func call<Value: Sendable>(
        _ verb: String,
        on system: String,
        about secret: SimulatedSecret?,
        isDeed: Bool,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        let tries = settings.mistake == .hammers ? Self.hammerBlows : 1
        for _ in 1..<tries {
            do throws(StepFailure) {
                return try await callOnce(verb, on: system, about: secret, isDeed: isDeed, body)
            } catch {
                guard error.kind == .transient else { throw error }
            }
        }
        return try await callOnce(verb, on: system, about: secret, isDeed: isDeed, body)
    }

    private func callOnce<Value: Sendable>(
        _ verb: String,
        on system: String,
        about secret: SimulatedSecret?,
        isDeed: Bool,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        try Life.check()
        clock.spend(Self.callSeconds)
        let fate = weather.fate(of: verb, on: system, isDeed: isDeed, at: clock.elapsed)
        judge.called(secret, at: clock.elapsed)
        let about = secret?.definition.id.text ?? ""
        if case .fails(let failure) = fate {
            note("\(system).\(verb) \(about) \(failure.kind)")
            throw failure
        }
        let value: Value
        do throws(StepFailure) { value = try await body() } catch {
            note("\(system).\(verb) \(about) \(error.kind): \(error.reason)")
            throw error
        }
        if let secret, isDeed { look(at: secret, after: "\(system).\(verb)") }
        guard case .losesAnswer = fate else {
            note("\(system).\(verb) \(about)")
            return value
        }
        note("\(system).\(verb) \(about) lost")
        throw StepFailure(.unknown, "\(system): the answer was lost")
    }

    /// A version came into being: it is kept, its end judged, and told of by Event Grid.
    func written(
        _ entry: VaultEntry,
        _ id: VersionID,
        at place: SecretReference,
        isForeign: Bool
    ) {
        guard let secret = secret(of: place) else { return }
        secret.add(
            SimulatedSecret.Version(
                id: id,
                text: entry.value.text,
                isEnabled: true,
                expires: entry.expires,
                isForeign: isForeign
            ),
            to: place
        )
        guard place != secret.definition.staging, let end = entry.expires else { return }
        announce(id, of: place, ending: end)
        let seconds = end.timeIntervalSince(clock.truth)
        guard clock.elapsed + seconds < settings.endSeconds else { return }
        after(max(seconds, 1)) {
            guard secret.latest(of: place)?.id == id else { return }
            self.judge.expired(secret, place, at: self.clock.elapsed)
            self.note("expired \(place) \(id)")
        }
    }

    private static let callSeconds = 0.02
    private static let hammerBlows = 100
}

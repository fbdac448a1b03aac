import Foundation
import RekeyCore
import Synchronization

/// Holds what happened against what was promised.
///
/// A storm is any of these, at any time, and so after an outage, a restart and a jump of the clock:
/// - a routine rotation that nothing explains: not due by the vaults' own ends on the worker's
///   date, nor by the value's age where they name none, and asked for by no person; or one of a
///   version that was replaced already;
/// - another rotation of the same version in less than the pause that follows a failure;
/// - more first rotations by the sweeper than a wave releases, within one round of it;
/// - more than so many calls for one secret within an hour.
final class Judge: Sendable {
    /// A secret whose version ended before it was replaced.
    struct Missed: Sendable {
        let secret: CredentialID
        let at: Double
        let due: Double
        /// What was in the way between due date and end.
        var reasons: [String]
        /// What people were told of it.
        var alarms: Set<String> = []
    }

    struct Findings: Sendable {
        var violations: [String] = []
        var violationCount = 0
        var looks = 0
        var begun = 0
        var ends: [String: Int] = [:]
        var early = 0
        var latestSeconds = 0.0
        var missed: [Missed] = []
        var begunInHour = (hour: 0, count: 0)
        var mostBegunInHour = 0
        var mostCallsInHour = 0
        var alarms: [String: Int] = [:]
    }

    private struct State {
        var findings = Findings()
        var wave: [Double] = []
        var told: [CredentialID: [(type: String, at: Double)]] = [:]
    }

    private let impediments: Impediments
    private let sweepSeconds: Double
    private let state = Mutex(State())

    init(impediments: Impediments, sweepSeconds: Double) {
        self.impediments = impediments
        self.sweepSeconds = sweepSeconds
    }

    var findings: Findings { state.withLock { $0.findings } }

    func add(_ violation: String, _ place: String) {
        state.withLock { state in
            state.findings.violationCount += 1
            guard state.findings.violations.count < Self.violationsKept else { return }
            state.findings.violations.append("\(violation), at \(place)")
        }
    }

    func looked() { state.withLock { $0.findings.looks += 1 } }

    /// A call was made for a secret.
    func called(_ secret: SimulatedSecret?, at elapsed: Double) {
        let hour = Int(elapsed / 3_600)
        let count = secret?.change { state in
            if state.callHour != hour { (state.callHour, state.callsInHour) = (hour, 0) }
            state.callsInHour += 1
            return state.callsInHour
        }
        guard let secret, let count else { return }
        state.withLock { state in
            state.findings.mostCallsInHour = max(state.findings.mostCallsInHour, count)
        }
        if count == Self.callsPerHour {
            add("storm: \(count) calls for \(secret.definition.id) in an hour", "hour \(hour)")
        }
    }

    /// A worker started: its sweeper begins a round of its own.
    func started() { state.withLock { $0.wave = [] } }

    /// A rotation is in the journal.
    func begun(
        _ rotation: Rotation,
        of secret: SimulatedSecret,
        by requester: String,
        _ clock: SimulationClock
    ) {
        let elapsed = clock.elapsed
        state.withLock { state in
            let hour = Int(elapsed / 3_600)
            if state.findings.begunInHour.hour != hour { state.findings.begunInHour = (hour, 0) }
            state.findings.begunInHour.count += 1
            state.findings.mostBegunInHour = max(
                state.findings.mostBegunInHour,
                state.findings.begunInHour.count
            )
            state.findings.begun += 1
        }
        let seen = secret.seen
        let base = rotation.plan.carriers.first?.base
        secret.change { state in
            state.begunAt = elapsed
            state.begunFrom = base
        }
        let name = secret.definition.id
        if requester.hasSuffix(SimulatedWorld.operatorUser) {
            secret.change { $0.wishes = max($0.wishes - 1, 0) }
            if seen.wishes == 0 { add("storm: \(name) rotates, and nobody asked", requester) }
            return
        }
        if let base, seen.replaced.contains(base) {
            add("storm: \(name) rotates a version that was replaced", requester)
        }
        if let last = seen.begunAt, seen.begunFrom == base, elapsed - last < Self.pauseSeconds {
            add("storm: \(name) rotates again after \(Int(elapsed - last)) s", requester)
        }
        if requester == "sweeper", seen.completions == 0 { released(name, at: elapsed) }
        judgeTime(of: secret, requester, clock)
    }

    private func released(_ name: CredentialID, at elapsed: Double) {
        let count = state.withLock { state in
            state.wave.removeAll { $0 < elapsed - sweepSeconds / 2 }
            state.wave.append(elapsed)
            return state.wave.count
        }
        guard count > SimulatedWorld.releasedPerSweep else { return }
        add("storm: a wave releases \(count) secrets, the last \(name)", "the sweeper")
    }

    /// It has to be due, and not to be late for nothing.
    private func judgeTime(
        of secret: SimulatedSecret,
        _ requester: String,
        _ clock: SimulationClock
    ) {
        let name = secret.definition.id
        let due = secret.due
        let late = clock.now.timeIntervalSince(due)
        guard late > -1 else {
            return add("storm: \(name) rotates \(Int(-late)) s before it is due", requester)
        }
        if clock.truth < due { state.withLock { $0.findings.early += 1 } }
        let elapsed = clock.elapsed
        let dueAt = due.timeIntervalSince(SimulationClock.start)
        // What was due before it was known waits for its wave.
        let seen = secret.seen
        guard dueAt > 0, seen.completions > 0 else { return }
        // Another rotation was on its way until then.
        let since = max(dueAt, seen.endedAt)
        let clear = impediments.longestClear(since, elapsed, at: places(of: secret))
        state.withLock { $0.findings.latestSeconds = max($0.findings.latestSeconds, clear) }
        guard clear > clearSeconds(of: secret) else { return }
        let days = Int((elapsed - dueAt) / Day.seconds)
        add("\(name) begins \(days) days late for nothing", requester)
    }

    func completed(_ rotation: Rotation, of secret: SimulatedSecret, on date: Date) {
        let base = rotation.plan.carriers.first?.base
        secret.change { state in
            state.completions += 1
            state.valuesSince = state.valuesSince.suffix(1) + [date]
            if let base { state.replaced.insert(base) }
        }
    }

    func ended(_ rotation: Rotation, of secret: SimulatedSecret, at elapsed: Double) {
        secret.change { $0.endedAt = elapsed }
        let end = rotation.end?.rawValue ?? ""
        state.withLock { $0.findings.ends[end, default: 0] += 1 }
        // What it promoted and took back again is to be rotated anew.
        guard rotation.end != .closed else { return }
        let base = rotation.plan.carriers.first?.base
        secret.change { state in
            if let base { state.replaced.remove(base) }
            if rotation.times.completedAt != nil, state.valuesSince.count > 1 {
                state.valuesSince.removeLast()
            }
        }
    }

    /// A version ended and is still the latest: something has to have been in the way.
    func expired(_ secret: SimulatedSecret, _ place: SecretReference, at elapsed: Double) {
        // Of what was never rotated only the last days count: before, it waits for its wave.
        let isWaiting = secret.seen.completions == 0
        let threshold = secret.definition.policy.thresholdSeconds
        let days = isWaiting ? min(threshold, 2 * clearSeconds(of: secret)) : threshold
        let due = max(elapsed - days, 0)
        let places = places(of: secret)
        let kinds = Set(impediments.between(due, elapsed, at: places).map(\.kind)).sorted()
        let clear = impediments.longestClear(due, elapsed, at: places)
        let name = secret.definition.id
        // Of several carriers people are told of the one that ends first.
        let end = secret.end.map { $0.timeIntervalSince(SimulationClock.start) } ?? elapsed
        state.withLock { state in
            let since = min(due, end - threshold)
            let alarms = (state.told[name] ?? []).filter { $0.at >= since }.map(\.type)
            state.findings.missed.append(
                Missed(
                    secret: name,
                    at: elapsed,
                    due: due,
                    reasons: kinds,
                    alarms: Set(alarms)
                )
            )
        }
        guard clear > clearSeconds(of: secret) else { return }
        let hours = Int(clear / 3_600)
        add("\(name) ended, though for \(hours) h nothing was in the way", "\(place)")
    }

    /// People were told of something.
    func told(_ type: String, of name: CredentialID, at elapsed: Double) {
        state.withLock { state in
            state.findings.alarms[type, default: 0] += 1
            state.told[name, default: []].removeAll { $0.at < elapsed - Self.alarmSeconds }
            state.told[name, default: []].append((type, elapsed))
            for index in state.findings.missed.indices.reversed() {
                // Somebody who is told a month later was told of something else.
                guard state.findings.missed[index].at > elapsed - Self.alarmSeconds else { break }
                guard state.findings.missed[index].secret == name else { continue }
                state.findings.missed[index].alarms.insert(type)
            }
        }
    }

    /// Whatever ended has to have been told of.
    func judgeAlarms(at end: Double) {
        for missed in findings.missed where missed.alarms.isEmpty {
            // What ended just before the end may still be told of.
            guard missed.at < end - 2 * Day.seconds else { continue }
            let day = Int(missed.at / Day.seconds)
            add("\(missed.secret) ended, and nobody was told", "day \(day)")
        }
    }

    private func places(of secret: SimulatedSecret) -> [String] {
        secret.systems + [secret.definition.id.text]
    }

    /// How long a rotation may take to begin and to promote with nothing in the way.
    private func clearSeconds(of secret: SimulatedSecret) -> Double {
        secret.definition.window == nil ? 2 * Day.seconds : 8 * Day.seconds
    }

    private static let violationsKept = 20
    private static let callsPerHour = 400
    /// `CredentialLedger.firstPauseSeconds`.
    private static let pauseSeconds = 900.0
    private static let alarmSeconds = 40 * Day.seconds
}

import Foundation
import RekeyCore
import Synchronization

/// A credential that is due and was never rotated, with its latest version.
struct Release: Sendable {
    let definition: CredentialDefinition
    let version: VersionID?
    /// When it ends, by its vaults or by the age of its value.
    let end: Date
}

/// Which of the never rotated credentials a sweep asks for.
///
/// Whichever ends first comes first. What is declined again and again holds nothing else up: it
/// steps back for two sweeps, then for four, and so on, behind all that do not.
final class Releases: Sendable {
    private struct Asked {
        var count = 0
        var stepsBackUntil = Date.distantPast
    }

    private static let mostDoublings = 10

    private let sweepSeconds: Double
    private let asked = Mutex<[CredentialID: Asked]>([:])

    init(sweepSeconds: Double) { self.sweepSeconds = sweepSeconds }

    /// At most `count` of `wave`, which are taken for asked; and those that wait, in their order.
    func next(
        _ count: Int,
        of wave: [Release],
        at now: Date
    ) -> (chosen: ArraySlice<Release>, waiting: ArraySlice<Release>) {
        asked.withLock { asked in
            // Whoever is in no wave any more was rotated, or is no more due.
            let present = Set(wave.map(\.definition.id))
            asked = asked.filter { id, _ in present.contains(id) }
            let inTurn = wave.sorted { one, other in
                let (left, right) = (one.definition.id, other.definition.id)
                let (first, second) = (
                    Self.turn(of: asked[left], at: now), Self.turn(of: asked[right], at: now)
                )
                guard first == second else { return first < second }
                return one.end == other.end ? left < right : one.end < other.end
            }
            for id in inTurn.prefix(count).map(\.definition.id) {
                var times = asked[id] ?? Asked()
                times.count += 1
                let sweeps = Double(1 << min(times.count, Self.mostDoublings))
                times.stepsBackUntil = now + sweeps * sweepSeconds
                asked[id] = times
            }
            return (inTurn.prefix(count), inTurn.dropFirst(count))
        }
    }

    /// From when on it comes before others by its end; now and earlier are the same.
    private static func turn(of asked: Asked?, at now: Date) -> Date {
        max(asked?.stepsBackUntil ?? .distantPast, now)
    }

    /// Those of `waiting` that end before their turn, where each sweep asks for `count`.
    func late(_ count: Int, of waiting: ArraySlice<Release>, at now: Date) -> [Release] {
        waiting.enumerated().compactMap { place, release in
            let turn = now + Double(place / count + 1) * sweepSeconds
            return release.end > now && release.end < turn ? release : nil
        }
    }
}

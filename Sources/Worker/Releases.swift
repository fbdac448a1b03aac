import Foundation
import RekeyCore
import Synchronization

/// A credential that is due and was never rotated, with its latest version.
struct Release: Sendable {
    let definition: CredentialDefinition
    let version: VersionID?
    /// When it was to be rotated.
    let due: Date
}

/// Which of the never rotated credentials a sweep asks for.
final class Releases: Sendable {
    private let asked = Mutex<[CredentialID: Date]>([:])

    /// At most `count` of `wave`: those never asked for come first, then the longest ago; and
    /// among these what has been due for longest, which ends first.
    func next(_ count: Int, of wave: [Release], at now: Date) -> [Release] {
        asked.withLock { asked in
            // Whoever is in no wave any more was rotated, or is no more due.
            let present = Set(wave.map(\.definition.id))
            asked = asked.filter { id, _ in present.contains(id) }
            let inTurn = wave.sorted { one, other in
                let (left, right) = (one.definition.id, other.definition.id)
                let (first, second) = (asked[left] ?? .distantPast, asked[right] ?? .distantPast)
                guard first == second else { return first < second }
                return one.due == other.due ? left < right : one.due < other.due
            }
            let chosen = Array(inTurn.prefix(count))
            for release in chosen { asked[release.definition.id] = now }
            return chosen
        }
    }
}

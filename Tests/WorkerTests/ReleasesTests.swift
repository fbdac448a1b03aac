import Foundation
import RekeyCore
import Testing

@testable import RekeyWorker

@Suite struct `Secrets that were never rotated` {
    private func release(_ number: Int) -> Release { release(number, end: .distantPast) }

    private func release(_ number: Int, end: Date) -> Release {
        let id = CredentialID("secret-\(number)")
        let definition = CredentialDefinition(
            id: id,
            strategy: .valueOnly,
            target: nil,
            staging: SecretReference(vault: "staging", name: SecretName("staged-\(number)")),
            carriers: []
        )
        return Release(definition: definition, version: nil, end: end)
    }

    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// Whom eight sweeps ask for, of a wave that nothing leaves.
    private func sweeps(_ wave: [Release], _ count: Int) -> [[Int]] {
        let releases = Releases(sweepSeconds: 60)
        return (0..<8).map { sweep in
            releases.next(count, of: wave, at: now + Double(sweep) * 60).chosen
                .compactMap { Int($0.definition.id.text.dropFirst("secret-".count)) }
        }
    }

    // The first ten were asked for again at each sweep, however often they were declined.
    @Test func `step back the longer, the oftener they are declined`() {
        #expect(sweeps([release(0)], 1) == [[0], [0], [0], [0], [0], [0], [0], [0]])
        let found = sweeps((0..<5).map(release), 2)
        #expect(found == [[0, 1], [2, 3], [0, 1], [2, 3], [4, 0], [1, 4], [2, 3], [4, 0]])
    }

    // Of a thousand, those at the end of the alphabet ended before their turn came; and then those
    // whose first rotation had failed.
    @Test func `go first where they end first`() {
        let wave = (0..<5).map { release($0, end: now - Double($0)) }
        let releases = Releases(sweepSeconds: 60)
        let (next, waiting) = releases.next(3, of: wave, at: now)
        #expect(next.map(\.definition.id) == ["secret-4", "secret-3", "secret-2"])
        #expect(waiting.map(\.definition.id) == ["secret-1", "secret-0"])
        let others = wave.filter { $0.definition.id != "secret-4" }
        _ = releases.next(0, of: others, at: now + 1)
        let again = releases.next(1, of: wave, at: now + 2).chosen
        #expect(again.map(\.definition.id) == ["secret-4"])
    }

    // What has ended already is not late for its turn.
    @Test func `are known to end before their turn`() {
        let ends = [-1.0, 59, 61, 121, 121, 181]
        let waiting = ends.enumerated().map { release($0.offset, end: now + $0.element) }
        let late = Releases(sweepSeconds: 60).late(2, of: waiting[...], at: now)
        #expect(late.map(\.definition.id) == ["secret-1", "secret-2", "secret-4"])
    }
}

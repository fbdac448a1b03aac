import Foundation
import RekeyCore
import Testing

@testable import RekeyWorker

@Suite struct `Secrets that were never rotated` {
    private func release(_ number: Int) -> Release { release(number, due: .distantPast) }

    private func release(_ number: Int, due: Date) -> Release {
        let id = CredentialID("secret-\(number)")
        let definition = CredentialDefinition(
            id: id,
            strategy: .valueOnly,
            target: nil,
            staging: SecretReference(vault: "staging", name: SecretName("staged-\(number)")),
            carriers: []
        )
        return Release(definition: definition, version: nil, due: due)
    }

    // The first ten were asked for again at each sweep, however often they were declined.
    @Test func `are asked for in turn`() {
        let releases = Releases()
        let wave = (0..<5).map(release)
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let rounds = (0..<4).map { round in
            releases.next(2, of: wave, at: now + Double(round)).map(\.definition.id.text)
        }
        let expected = [[0, 1], [2, 3], [4, 0], [1, 2]].map { $0.map { "secret-\($0)" } }
        #expect(rounds == expected)
    }

    // Of a thousand, those at the end of the alphabet ended before their turn came.
    @Test func `go first where they end first`() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let wave = (0..<5).map { release($0, due: now - Double($0)) }
        let next = Releases().next(3, of: wave, at: now).map(\.definition.id)
        #expect(next == ["secret-4", "secret-3", "secret-2"])
    }

    @Test func `go first where they came last`() {
        let releases = Releases()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        _ = releases.next(2, of: [release(1), release(2)], at: now)
        let next = releases.next(2, of: [release(1), release(2), release(9)], at: now + 1)
        #expect(next.map(\.definition.id) == ["secret-9", "secret-1"])
    }
}

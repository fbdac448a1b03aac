import Foundation
import InMemoryJournal
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// The cases about what rotates by itself, and with it.
enum OrderCases {
    private static let second = SecretName("orders-copy")

    private static func twoCarriers(endingIn seconds: Double) async -> SuiteEstate {
        await SuiteEstate(.replace, expiresIn: seconds) { definition in
            definition.carriers.append(
                PlannedCarrier(SecretReference(vault: SuiteEstate.app, name: second))
            )
        }
    }

    static func rotates(endingIn seconds: Double) async throws {
        let estate = await SuiteEstate(expiresIn: seconds)
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed)
        #expect(rotation.requestedBy == "sweeper")
        #expect(try await estate.letsIn())
    }

    static func leavesWhatIsValid() async throws {
        let estate = await SuiteEstate(expiresIn: 31 * 86_400)
        try await estate.run {
            try await eventually("its date is known") {
                try await estate.journal.credential("orders")?.dueAt != nil
            }
            try await estate.settle()
        }
        #expect(try await estate.newest() == nil)
    }

    static func rotatesEveryCarrier() async throws {
        let estate = await twoCarriers(endingIn: 86_400)
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed)
        let first = try await estate.current()
        let copy = try await estate.vault.latest(second)
        #expect(first.value == copy?.value)
        #expect(first.value?.text != SuiteEstate.old)
        #expect(try await estate.letsIn())
    }

    static func writesCarriersInOrder() async throws {
        let estate = await twoCarriers(endingIn: -60)
        _ = try await estate.run { try await estate.ended() }
        let written = await estate.vault.changes.filter { !$0.isForeign }
        #expect(written.map(\.name) == [SuiteEstate.carrier, second])
    }

    static func rotatesByTheEarliestEnd() async throws {
        let estate = await twoCarriers(endingIn: 90 * 86_400)
        let entry = VaultEntry(value: Secret(SuiteEstate.old), expires: Date() - 60)
        await estate.vault.place(entry, as: second)
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed)
        let written = await estate.vault.changes.filter { !$0.isForeign }
        #expect(written.map(\.name) == [SuiteEstate.carrier, second])
    }

    static func refusesAnUnknownVault() async throws {
        #expect(SuiteConfiguration.mistakes() == [])
        let mistakes = SuiteConfiguration.mistakes(vault: "nobodys")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("no such name under `vaults`") == true)
    }
}

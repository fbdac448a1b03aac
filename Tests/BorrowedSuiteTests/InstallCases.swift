import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import RekeyCore
import RekeyPorts
import Testing

/// The cases about users and hosts that the worker and the configuration decide.
enum InstallCases {
    static func looksBeforeItRepeats() async throws {
        let estate = await SuiteEstate(.replace)
        estate.target?.inner.inject(.after(StepFailure(.unknown, "answer lost")), on: .install)
        #expect(try await estate.runOnce().end == .closed)
        #expect(estate.target?.inner.callCount(.install) == 1)
        #expect(estate.target?.inner.changes.map(\.kind) == [.installed])
        #expect(try await estate.letsIn())
    }

    static func stagesNoHost() async throws {
        let document = "postgres://shop_a:old-value-1@elsewhere.example/orders"
        let estate = await SuiteEstate(document: document)
        #expect(try await estate.runOnce().end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(staged.allSatisfy { !$0.digest.contains("elsewhere") && !$0.digest.contains("@") })
        let latest = try await estate.current().value?.text
        #expect(latest?.hasSuffix("@elsewhere.example/orders") == true)
        #expect(try await estate.letsIn())
    }

    static func asksAsNobodyElse() async throws {
        let estate = await SuiteEstate()
        let earlier = "postgres://root:other@elsewhere.example/orders"
        let latest = try await estate.current()
        await estate.vault.place(VaultEntry(value: Secret(earlier)), as: SuiteEstate.carrier)
        let again = VaultEntry(value: try #require(latest.value), expires: latest.expires)
        await estate.vault.place(again, as: SuiteEstate.carrier)
        // Every way to sign in: a look after a lost answer, the proof, and going back, which asks
        // for the account that the carrier held when the rotation began.
        estate.target?.inner.inject(.after(StepFailure(.unknown, "answer lost")), on: .install)
        estate.workload.fail(with: [StepFailure(.permanent, "no evidence")])
        #expect(try await estate.runOnce().end == .rolledBack)
        let asked = Set(estate.target?.asked ?? [])
        #expect(asked == ["shop_a", "shop_b"])
        #expect(try await estate.credential().account == "shop_a")
        #expect(try await estate.letsIn())
    }

    static func needsNoEarlierVersion() async throws {
        let estate = await SuiteEstate(.replace)
        let before = await estate.vault.listing { $0.text }
        #expect(before.count == 1)
        estate.target?.inner.inject(.before(StepFailure(.unknown, "answer lost")), on: .install)
        #expect(try await estate.runOnce().end == .closed)
        #expect(try await estate.letsIn())
    }

    static func givesTheAdministratorNoHost() async throws {
        #expect(SuiteConfiguration.mistakes() == [])
        let mistakes = SuiteConfiguration.mistakes(administrator: "host: other")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("unknown key") == true)
    }
}

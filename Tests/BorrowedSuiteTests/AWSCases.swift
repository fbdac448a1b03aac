import Foundation
import InMemoryBroker
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

/// The cases of AWS's step contract that a worker decides.
enum AWSCases {
    static func refusesWhatIsDisabled() async throws {
        let estate = await SuiteEstate { $0.isEnabled = false }
        let before = await estate.changes()
        try await estate.run {
            let answer = try await estate.answer(to: "request-1")
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail == "rotation is disabled")
        }
        #expect(await estate.changes() == before)
    }

    static func ignoresAnUnknownRotation() async throws {
        let estate = await SuiteEstate()
        let before = await estate.changes()
        let unknown = RotationID("8e8c8a52-5b9e-5c0a-9b57-2f3f5d1f9c99")
        try await estate.run {
            for type in [EventType.candidateStaged, .candidateProved, .credentialRetired] {
                let event = CloudEvent(
                    id: EventID("forged-\(type)"),
                    source: "test",
                    type: type,
                    time: Date()
                )
                await estate.forge(event, about: unknown)
            }
            try await estate.settle()
            for step in [Step.apply, .promote, .close] {
                let parked = SagaBus.parked(SagaBus.queue(of: .step(step)))
                #expect(estate.outsider.count(in: parked) == 1, "\(step)")
            }
        }
        #expect(try await estate.journal.rotation(unknown) == nil)
        #expect(await estate.changes() == before)
    }

    static func absorbsWhatComesAfterTheEnd() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            let rotation = try await estate.rotated()
            #expect(rotation.end == .closed)
            try await estate.settle()
            let before = await estate.changes()
            let said = estate.events.filter { $0.correlationID == rotation.id.text }
            #expect(said.count > 8)
            for event in said { await estate.forge(event, about: rotation.id) }
            try await estate.settle()
            #expect(await estate.changes() == before)
            #expect(try await estate.journal.rotation(rotation.id) == rotation)
        }
    }

    static func refusesASupersededVersion() async throws {
        let estate = await SuiteEstate(expiresIn: 3_600) { $0.policy.thresholdSeconds = 1_800 }
        let before = await estate.changes()
        try await estate.run {
            await estate.hint("0123456789abcdef0123456789abcdef")
            try await estate.settle()
        }
        #expect(try await estate.newest() == nil)
        #expect(await estate.changes() == before)
    }

    static func knowsNoOtherStep() async throws {
        for name in ["createSecret", "publish", "", "Stage", "step.stage"] {
            #expect(Step(rawValue: name) == nil)
            #expect(Lane(name) == nil)
        }
        let estate = await SuiteEstate()
        let before = await estate.changes()
        try await estate.run {
            await estate.publishToIntake("rekey.secret.set.v1")
            try await eventually("it is parked") {
                estate.outsider.count(in: "rekey.parked.rekey.intake") == 1
            }
        }
        #expect(await estate.changes() == before)
    }

    static func goesBackWithoutADocument() async throws {
        let estate = await SuiteEstate(document: "")
        try await estate.run {
            let rotation = try await estate.rotated()
            #expect(rotation.end == .rolledBack)
            #expect(rotation.gaveUpReason?.contains("no document to merge") == true)
        }
        #expect(try await estate.vault.latest(SuiteEstate.carrier)?.id == nil)
        #expect(try await estate.journal.debts(unpaidOnly: true).isEmpty)
        let accounts = estate.target?.inner.accepted.map(\.account)
        #expect(accounts == ["shop_a"])
    }

    static func writesTheFirstBareValue() async throws {
        let estate = await SuiteEstate(.replace, document: "")
        #expect(try await estate.runOnce().end == .closed)
        #expect(try await estate.letsIn())
        let carriers = await estate.vault.changes.count
        #expect(carriers == 1)
    }

    static func stagesOnceAndKeepsTheOtherFields() async throws {
        let document = "postgres://shop_a:old-value-1@db:5433/orders?application_name=shop"
        let estate = await SuiteEstate(document: document)
        #expect(try await estate.runOnce().end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        let latest = try await estate.current()
        #expect(latest.value?.text.hasPrefix("postgres://shop_b:") == true)
        #expect(latest.value?.text.hasSuffix("@db:5433/orders?application_name=shop") == true)
        #expect(latest.tags["team"] == "shop")
        #expect(latest.value?.text.contains(staged[0].digest) == true)
    }

    static func findsWhatIsStaged() async throws {
        let estate = await SuiteEstate()
        await estate.stagingVault.inject(
            VaultFault(.after(StepFailure(.unknown, "answer lost")), on: .write)
        )
        #expect(try await estate.runOnce().end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(try await estate.credential().secret.text == staged[0].digest)
    }

    static func takesTheAccountsInTurn() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            for (id, account) in [("one", "shop_b"), ("two", "shop_a"), ("three", "shop_b")] {
                let rotation = try await estate.rotated(id)
                #expect(rotation.end == .closed)
                #expect(try await estate.credential().account == AccountID(account))
                #expect(try await estate.letsIn())
            }
        }
    }
}

extension SuiteEstate {
    /// Publishes an event of a type that nobody takes.
    fileprivate func publishToIntake(_ type: String) async {
        let event = CloudEvent(
            id: "unknown-1",
            source: "test",
            type: EventType(type),
            time: Date()
        )
        let publication = Publication(
            exchange: "rekey.intake",
            routingKey: event.type.routingKey,
            body: event.encoded(),
            properties: EventProperties(messageID: "unknown-1", type: type)
        )
        _ = await outsider.publish([publication])
    }
}

import Foundation
import Glibc
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Rekey under attack` {
    @Test func `calls no stranger whose address an event brings, and takes no token there`()
        async throws
    {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let stranger = try ConnectionCounter()
        #expect(FreePort.isOpen(stranger.port))
        #expect(stranger.take() == 1)
        let own = try #require(estate.azure.facts.vaults["app"])
        let before = try await estate.azure.lastSequence()
        let place = "localhost:\(stranger.port)"
        let places = [
            "https://\(place)", "https://127.0.0.1:\(stranger.port)", "http://\(place)",
            own.replacing("https://", with: "https://x:y@\(place)#"),
            "https://\(place)/%2e%2e", "https://\(place)\\\\@app",
        ]
        for (index, vault) in places.enumerated() {
            for schema in Estate.Schema.allCases {
                let event = estate.event(schema, id: "s-\(schema)-\(index)", version: "v")
                _ = try await estate.post(event.replacing(own, with: vault))
            }
        }
        try await invite(estate, to: "https://\(place)/callback")
        try await estate.settles()
        #expect(stranger.take() == 0)
        let changes = try await estate.azure.changes(since: before)
        #expect(changes.allSatisfy { $0.principalName != "rekey" })

        // The same event about the vault that is configured has it looked at.
        _ = try await estate.post(estate.event(.eventGrid, id: "own", version: "v"))
        try await eventually(within: .seconds(60), "the own vault is read") {
            try await estate.azure.changes(since: before).contains { $0.principalName == "rekey" }
        }
        #expect(stranger.take() == 0)
        #expect(worker.isRunning)
    }

    /// Both schemas' handshakes, each with an address to be called back.
    private func invite(_ estate: Estate, to address: String) async throws {
        let secret = HTTPHeader(name: "X-Rekey-Secret", value: Estate.eventSecret)
        let validation = """
            [{"id":"v","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",\
            "data":{"validationCode":"c","validationUrl":"\(address)"}}]
            """
        let kind = HTTPHeader(name: "aeg-event-type", value: "SubscriptionValidation")
        let first = try await estate.http.send(
            HTTPRequest(
                .post,
                estate.eventsAddress,
                headers: [secret, kind],
                body: Secret(copying: validation.utf8)
            )
        )
        #expect(first.status == 200)
        let origin = HTTPHeader(name: "WebHook-Request-Origin", value: "eventgrid.azure.net")
        let callback = HTTPHeader(name: "WebHook-Request-Callback", value: address)
        let second = try await estate.http.send(
            HTTPRequest(.options, estate.eventsAddress, headers: [secret, origin, callback])
        )
        #expect(second.status == 200)
    }

    @Test func `cannot be made to command the terminal of who looks`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let client = try await Witness(estate)
        let evil = "evil\u{1B}[2J\u{9B}31m\u{202E}\r\nSECRET  forged"
        let properties = EventProperties(messageID: evil, type: evil)
        #expect(await client.publish("{\(evil)", properties) == .confirmed)
        try await eventually(within: .seconds(30), "it is parked") {
            try await estate.rabbit.listQueues(estate.virtualHost)["rekey.parked.rekey.intake"]?
                .messages == 1
        }
        let outcomes = [
            try await estate.rekey("parked", "list"),
            try await estate.rekey("parked", "show", "rekey.intake", evil),
            try await estate.rekey("parked", "show", evil, evil),
            try await estate.rekey("rotate", evil), try await estate.rekey("status"),
            try await estate.rekey("history", evil), try await estate.rekey("approve", evil),
        ]
        #expect(outcomes[1].output.contains("evil\\u{1b}[2J"), "\(outcomes[1].errors)")
        for outcome in outcomes {
            let shown = outcome.output + outcome.errors
            #expect(!shown.unicodeScalars.contains { "\u{1B}\u{9B}\u{202E}\r".contains($0) })
        }
        #expect(outcomes[0].output.split(separator: "\n").count == 2)
        #expect(!worker.errors.unicodeScalars.contains { "\u{1B}\u{9B}\u{202E}\r".contains($0) })
    }
}

extension String {
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}

import Foundation
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `An event that nobody can take` {
    private static let queue = "rekey.intake"

    /// An outsider with no more rights than deploy/rabbitmq gives to one, who may ask.
    private func client(_ estate: Estate) async throws -> Witness {
        let user = "outsider-\(estate.number)"
        let password = TestPassword.make()
        try await estate.rabbit.addUser(user, password: password)
        try await estate.rabbit.setPermissions(
            user,
            virtualHost: estate.virtualHost,
            configure: "^client\\.",
            write: "^(rekey\\.intake|client\\..*)$",
            read: "^(rekey\\.events|client\\..*)$"
        )
        return try await Witness(estate, user: user, password: password)
    }

    private func parked(_ estate: Estate, _ count: Int) async throws {
        try await eventually(within: .seconds(30), "\(count) are parked") {
            try await estate.rabbit.listQueues(estate.virtualHost)["rekey.parked.rekey.intake"]?
                .messages == count
        }
    }

    /// The rows of `rekey parked list`: the event's id, its type, when and why.
    private func rows(_ estate: Estate) async throws -> [[String]] {
        let list = try await estate.rekey("parked", "list")
        #expect(list.exit == .code(0), "\(list.errors)")
        return list.output.split(separator: "\n").dropFirst().map {
            $0.split(separator: " ").map(String.init)
        }
    }

    private static func request(_ type: String, _ id: String) -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"outside","type":"\(type)",\
        "data":{"secret":"orders-database","reason":"routine"}}
        """
    }

    @Test func `is parked with the reason, shown, replayed and discarded`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let client = try await client(estate)
        let user = "outsider-\(estate.number)"
        // By AMQP as an outsider should, without a name, and of a type to come; and by the gateway.
        let named = EventProperties(messageID: "broken-1", userID: user)
        #expect(await client.publish("{\"not\": an event}", named) == .confirmed)
        #expect(await client.publish("nameless", EventProperties()) == .confirmed)
        let later = Self.request("rekey.rotation.requested.v9", "later-1")
        let known = EventProperties(messageID: "later-1", userID: user)
        #expect(await client.publish(later, known) == .confirmed)
        #expect(try await estate.post("{\"by\": the gateway}") == 200)
        try await parked(estate, 4)

        let all = try await rows(estate)
        #expect(all.count == 4)
        for row in all { #expect(!row.joined(separator: " ").contains("delivered too often")) }
        #expect(all.contains { $0[1] == "later-1" && $0.contains("rekey.rotation.requested.v9") })
        let show = try await estate.rekey("parked", "show", Self.queue, "broken-1")
        #expect(show.exit == .code(0), "\(show.errors)")
        #expect(show.output.contains("rekey-parked-reason: "), "\(show.output)")
        #expect(show.output.contains("user: \(user)"), "\(show.output)")
        #expect(show.output.contains("{\"not\": an event}"), "\(show.output)")

        // It is as broken as before: parked again, under its id and its publisher's name.
        let replay = try await estate.rekey("parked", "replay", Self.queue, "broken-1")
        #expect(replay.exit == .code(0), "\(replay.errors)")
        try await eventually(within: .seconds(30), "it is parked again") {
            let again = try await estate.rekey("parked", "show", Self.queue, "broken-1")
            return again.output.contains("rekey-replayed-by: \(estate.rabbit.user)")
                && again.output.contains("user: \(user)")
        }
        try await parked(estate, 4)

        let kept = ["broken-1", "later-1"]
        for row in try await rows(estate) where !kept.contains(row[1]) {
            let discard = try await estate.rekey("parked", "discard", Self.queue, row[1])
            #expect(discard.exit == .code(0), "\(discard.errors)")
        }
        try await parked(estate, 2)
        for verb in ["show", "replay", "discard"] {
            let missing = try await estate.rekey("parked", verb, Self.queue, "none")
            #expect(missing.exit == .code(64))
            #expect(missing.errors.contains("rekey: hint: "))
        }
        try await parked(estate, 2)
        #expect(worker.isRunning)
    }

    @Test func `asks, once it can be taken, as whoever published it first`() async throws {
        let estate = try await Estate.make()
        let user = "outsider-\(estate.number)"
        let old = "request: [\"user:\(estate.rabbit.user)\"]"
        try estate.writeConfiguration([(old, "request: [\"user:\(user)\"]")])
        let worker = try await estate.startWorker()
        let client = try await client(estate)
        let own = try await Witness(estate)
        // As Rekey parks what it could not take: one by somebody who may ask, one by nobody.
        // Their time is when they were parked: they name none.
        let parkedAt = [EventProperties.parkedAtHeader: Timestamp.text(Date())]
        let known = parkedAt.merging([EventProperties.firstUserHeader: user]) { $1 }
        for (id, headers) in [("asked-1", known), ("asked-2", parkedAt)] {
            let worker = estate.rabbit.user
            let properties = EventProperties(messageID: id, userID: worker, headers: headers)
            let body = Self.request("rekey.rotation.requested.v1", id)
            #expect(
                await own.publish(body, properties, to: "rekey.parked.rekey.intake") == .confirmed
            )
            let replay = try await estate.rekey("parked", "replay", Self.queue, id)
            #expect(replay.exit == .code(0), "\(replay.errors)")
        }
        try await eventually(within: .seconds(30), "both are answered") {
            let types = client.deliveries.compactMap(\.properties.type)
            return types.contains("rekey.rotation.accepted.v1")
                && types.contains("rekey.rotation.declined.v1")
        }
        let by = try await estate.requester(of: "orders-database")
        #expect(by == "user:\(user), replayed by \(estate.rabbit.user)")
        #expect(worker.isRunning)
    }
}

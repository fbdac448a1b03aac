import Foundation
import RealParts
import RekeyPlatform
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Trouble at the broker` {
    enum Trouble: String, CaseIterable, Sendable {
        case connectionsClosed, memoryAlarm, queueDeleted, restart
    }

    @Test func `in mid-rotation delays it, and doubles nothing`() async throws {
        let rabbit = try await PrivateRabbitMQ.start()
        let estate = try await Estate.make(Estate.Options(sweepEvery: "2s", broker: rabbit))
        let worker = try await estate.startWorker()
        for (index, trouble) in Trouble.allCases.enumerated() {
            let before = try await estate.azure.lastSequence()
            async let asked = estate.rekey("rotate", "orders-database")
            try await eventually(within: .seconds(60), "the candidate is staged") {
                try await estate.azure.changes(since: before).done("setSecret") > 0
            }
            try await cause(trouble, rabbit, estate)
            _ = try? await asked
            let end = try await estate.end(of: "orders-database", count: index + 1)
            #expect(end == "closed", "\(trouble)")
            let changes = try await estate.azure.changes(since: before)
            #expect(changes.done("setSecret", vault: "app") == 1, "\(trouble)")
            #expect(changes.done("setSecret", vault: "staging") == 1, "\(trouble)")
            #expect(try await estate.history(of: "orders-database").count == index + 1)
            #expect(worker.isRunning, "\(trouble): \(worker.errors)")
        }
        let text = try await estate.azure.value(of: "orders-database", in: "app", as: "observer")
        let url = try #require(URL(string: text))
        #expect(try await estate.canSignIn(url.user ?? "", url.password ?? ""))
    }

    private func cause(
        _ trouble: Trouble,
        _ rabbit: PrivateRabbitMQ,
        _ estate: Estate
    ) async throws {
        switch trouble {
        case .connectionsClosed:
            #expect(try await rabbit.closeAllConnections() > 0)
        case .memoryAlarm:
            try await rabbit.setMemoryAlarm(true)
            try await eventually(within: .seconds(30), "the worker is blocked") {
                let ready = HTTPRequest(.get, estate.gateway + "/ready")
                return try await estate.http.send(ready).body.text.contains("broker: blocked")
            }
            try await rabbit.setMemoryAlarm(false)
        case .queueDeleted:
            try await rabbit.deleteQueue("rekey.step.promote", virtualHost: estate.virtualHost)
            try await rabbit.deleteQueue("rekey.step.retire", virtualHost: estate.virtualHost)
        case .restart:
            try await rabbit.restart()
        }
    }
}

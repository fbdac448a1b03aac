import Foundation
import RealParts
import RekeyPlatform
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct `Trouble at the broker` {
    enum Trouble: String, CaseIterable, Sendable {
        case connectionsClosed, memoryAlarm, queueDeleted, restart
    }

    @Test func `in mid-rotation delays it, and doubles nothing`() async throws {
        let rabbit = try await PrivateRabbitMQ.start()
        for trouble in Trouble.allCases {
            let estate = try await Estate.make(Estate.Options(sweepEvery: "2s", broker: rabbit))
            let worker = try await estate.startWorker()
            let before = try await estate.azure.lastSequence()
            async let asked = estate.rekey("rotate", "orders-client")
            try await eventually(within: .seconds(60), "a credential is added") {
                try await estate.azure.changes(since: before).done("addPassword") > 0
            }
            try await cause(trouble, rabbit, estate)
            _ = try? await asked
            #expect(try await estate.end(of: "orders-client") == "closed", "\(trouble)")
            try await expectOneRotation(estate, since: before)
            #expect(try await estate.history(of: "orders-client").count == 1, "\(trouble)")
            #expect(worker.isRunning, "\(trouble): \(worker.errors)")
        }
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

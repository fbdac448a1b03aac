import Foundation
import Testing

@testable import azure_standin

@Suite struct `A fault` {
    private func fault(_ json: JSON) throws -> Fault { try Fault(json, id: "1") }

    private var call: Call { StandInFixture.call("PUT", "/secrets/orders") }

    @Test func `lets the first ones pass and meets as many as it was told`() throws {
        var faults = FaultList()
        faults.add(try fault(["kind": "throttle", "count": 2, "skip": 1]))
        let met = (0..<5).map { _ in faults.take(call, operation: "setSecret") != nil }
        #expect(met == [false, true, true, false, false])
        #expect(faults.faults[0].hits == 2)
    }

    @Test(
        arguments: [
            (["api": "keyvault", "operation": "setSecret"], true),
            (["api": "keyvault", "operation": "getSecret"], false),
            (["api": "graph"], false),
            (["vault": "app"], true),
            (["vault": "staging"], false),
            (["match": "orders"], true),
            (["match": "payments"], false),
        ] as [([String: JSON], Bool)]
    )
    func `meets what it names only`(members: [String: JSON], isMet: Bool) throws {
        var faults = FaultList()
        faults.add(try fault(.object(members.merging(["kind": "drop"]) { $1 })))
        #expect((faults.take(call, operation: "setSecret") != nil) == isMet)
    }

    @Test func `says what is wrong with it`() {
        #expect(throws: ControlRefusal.self) { try fault(["kind": "surprise"]) }
        #expect(throws: ControlRefusal.self) { try fault(["kind": "status", "status": 42]) }
    }

    @Test func `answers falsely before or after the deed`() async throws {
        let standIn = StandIn(world: StandInFixture.world(), log: try ChangeLog(path: nil))
        let set = StandInFixture.call("PUT", "/secrets/orders", ["value": "x"])
        for (isAfter, count) in [(false, 0), (true, 1)] {
            let fault = try fault([
                "kind": "status", "status": 503, "after": .bool(isAfter), "count": 1,
            ])
            await standIn.change { $0.faults.add(fault) }
            guard case .answer(let answer) = try await standIn.respond(to: set) else {
                Issue.record("no answer")
                return
            }
            #expect(answer.status == 503)
            let made = await standIn.read { $0.vaults["app"]?.secrets["orders"]?.versions.count }
            #expect((made ?? 0) == count)
        }
    }

    @Test func `is in the log with the request that met it`() async throws {
        let standIn = StandIn(world: StandInFixture.world(), log: try ChangeLog(path: nil))
        let fault = try fault(["kind": "drop-after"])
        await standIn.change { $0.faults.add(fault) }
        let set = StandInFixture.call("PUT", "/secrets/orders", ["value": "marked value"])
        guard case .close = try await standIn.respond(to: set) else {
            Issue.record("the connection was not closed")
            return
        }
        let line = await standIn.changes(since: 0, api: "keyvault")["changes"]?.elements?.first
        #expect(line?["fault"] == "drop-after" && line?["sequence"] == 1)
        #expect(line?["changed"]?["kind"] == "secretVersion")
        let shown = String(decoding: line?.bytes ?? [], as: UTF8.self)
        #expect(!shown.contains("marked value"))
    }
}

@Suite struct `Times` {
    private let date = Date(timeIntervalSince1970: 1_795_350_568.25)

    @Test func `are written as Azure writes them`() {
        #expect(TimeText.seconds(date) == "2026-11-22T12:29:28Z")
        #expect(TimeText.milliseconds(date) == "2026-11-22T12:29:28.250Z")
        #expect(TimeText.offset(date) == "2026-11-22T12:29:28.250+00:00")
    }

    @Test func `are read with and without a fraction`() {
        #expect(TimeText.parse("2026-11-22T12:29:28.250Z") == date)
        #expect(
            TimeText.parse("2026-11-22T12:29:28Z") == Date(timeIntervalSince1970: 1_795_350_568)
        )
        #expect(TimeText.parse("tomorrow") == nil)
    }
}

import Foundation
import Testing

@testable import azure_standin

@Suite struct `The double of Event Grid` {
    private func subscription(_ schema: EventSubscription.Schema) -> EventSubscription {
        var subscription = EventSubscription(
            name: "rekey",
            vaults: ["app"],
            schema: schema,
            url: "https://localhost/events",
            kinds: Set(VaultEvent.Kind.allCases),
            headers: ["X-Secret": "marked value"],
            trustFile: "ca.pem"
        )
        subscription.state = .succeeded
        return subscription
    }

    private func world(expiringIn seconds: Int) -> World {
        var world = StandInFixture.world()
        world.subscriptions = [subscription(.eventGrid)]
        let expires = Int(StandInFixture.start.timeIntervalSince1970) + seconds
        let body: JSON = ["value": "x", "attributes": ["exp": .integer(expires)]]
        _ = StandInFixture.vault("PUT", "/secrets/one", body, in: &world)
        return world
    }

    @Test func `announces a near expiry once, and the expiry itself`() {
        var world = world(expiringIn: 86_400)
        let near = DueEvents.take(from: &world)
        #expect(near.map(\.event.kind) == [.secretNearExpiry])
        #expect(DueEvents.take(from: &world).isEmpty)
        world.clock.offsetSeconds = 2 * 86_400
        #expect(DueEvents.take(from: &world).map(\.event.kind) == [.secretExpired])
    }

    @Test func `is silent about what is far from its expiry, and about superseded versions`() {
        var world = world(expiringIn: 31 * 86_400)
        #expect(DueEvents.take(from: &world).isEmpty)
        world.clock.offsetSeconds = 2 * 86_400
        _ = StandInFixture.vault("PUT", "/secrets/one", ["value": "y"], in: &world)
        #expect(DueEvents.take(from: &world).isEmpty)
    }

    @Test func `is silent until the receiver has agreed`() {
        var world = world(expiringIn: 86_400)
        world.subscriptions[0].state = .awaitingManualAction
        #expect(DueEvents.take(from: &world).isEmpty)
    }

    @Test func `is silent about an expiry that was changed later`() {
        var world = world(expiringIn: 31 * 86_400)
        let soon = Int(StandInFixture.start.timeIntervalSince1970) + 60
        let body: JSON = ["attributes": ["exp": .integer(soon)]]
        _ = StandInFixture.vault("PATCH", "/secrets/one", body, in: &world)
        #expect(DueEvents.take(from: &world).isEmpty)
    }

    @Test func `writes an array in its own schema and one object in CloudEvents`() throws {
        var world = world(expiringIn: 86_400)
        world.endpoints.vaults["app"] = "https://localhost:8443"
        let event = try #require(DueEvents.take(from: &world).first?.event)
        let own = event.body(schema: .eventGrid, at: world.now, in: world)
        let data = own.elements?.first?["data"]
        #expect(data?["ObjectName"] == "one" && data?["VaultName"] == "app")
        #expect(data?["Id"]?.string?.hasPrefix("https://localhost:8443/secrets/one/") == true)
        let cloud = event.body(schema: .cloudEvents, at: world.now, in: world)
        #expect(cloud["specversion"] == "1.0" && cloud["data"] == data)
        #expect(cloud["id"] == own.elements?.first?["id"])
    }

    @Test func `shows which headers it sends and not their values`() {
        let shown = String(decoding: subscription(.eventGrid).json.bytes, as: UTF8.self)
        #expect(shown.contains("X-Secret") && !shown.contains("marked value"))
    }
}

@Suite struct `A job of the double` {
    private func job(_ parameters: [String: JSON], runOn: String? = nil) -> JobRecord {
        JobRecord(
            name: "job",
            jobID: "id",
            runbook: "runbook",
            parameters: parameters,
            runOn: runOn,
            startedBy: "rekey",
            created: StandInFixture.start,
            modified: StandInFixture.start
        )
    }

    @Test func `receives JSON texts decoded and all else as it was sent`() {
        let job = job(["a": "\"quoted\"", "b": "bare", "c": "123", "d": "\"broken"])
        #expect(
            job.decodedParameters == ["a": "quoted", "b": "bare", "c": "123", "d": "\"broken"]
        )
    }

    @Test(arguments: [(Int32(0), "Completed"), (Int32(3), "Failed")])
    func `ends as its script ends, whatever stands in the error stream`(
        exitCode: Int32,
        status: String
    ) {
        var world = StandInFixture.world()
        var running = job([:])
        running.status = .running
        world.automation.jobs["job"] = running
        let result = ChildProcess.Result(
            exitCode: exitCode,
            output: Array("one\ntwo\n".utf8),
            errors: Array("careful\n".utf8)
        )
        #expect(JobRunner.finish("job", result, in: &world) == status)
        let streams = world.automation.jobs["job"]?.streams ?? []
        #expect(streams.map(\.type) == ["Output", "Output", "Error"])
        #expect(streams.last?.text == "careful")
    }

    @Test func `waits while no worker of its group is alive`() {
        var world = StandInFixture.world()
        world.automation.jobs["job"] = job([:], runOn: "on-prem")
        let silent = StandInFixture.start.addingTimeInterval(-3600)
        world.automation.workerGroups = [
            WorkerGroupRecord(
                name: "on-prem",
                workers: [WorkerRecord(name: "host1", id: "1", lastSeen: silent)],
                created: silent
            )
        ]
        #expect(!JobRunner.isWorkerAlive(for: "job", in: world))
        world.automation.workerGroups[0].workers[0].lastSeen = StandInFixture.start
        #expect(JobRunner.isWorkerAlive(for: "job", in: world))
    }

    @Test(arguments: ["../outside", ".hidden", "a b", ""])
    func `is refused under a name that could not be a folder's`(name: String) {
        var world = StandInFixture.world()
        world.automation.runbooks["r"] = RunbookRecord(
            name: "r",
            script: "/bin/true",
            created: StandInFixture.start
        )
        let call = StandInFixture.call(
            "PUT",
            "/x",
            ["properties": ["runbook": ["name": "r"]]],
            api: .arm
        )
        #expect(throws: ARMError.self) {
            try ARMAPI.putJob(
                call,
                named: name,
                caller: StandInFixture.application(),
                in: &world
            )
        }
        #expect(world.automation.jobs.isEmpty)
    }
}

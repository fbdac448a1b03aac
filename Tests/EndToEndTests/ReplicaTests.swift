import Foundation
import Glibc
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Workers that share one journal` {
    /// How many credentials rotate; more by `REKEY_REPLICA_SECRETS`, for as long as it takes.
    private static let secrets =
        ProcessInfo.processInfo.environment["REKEY_REPLICA_SECRETS"].flatMap { Int($0) } ?? 6

    @Test func `lose, double and forget nothing while one after the other is killed`()
        async throws
    {
        let estate = try await Estate.make()
        try await estate.shareJournal(streaming: Self.secrets)
        let checked = try await estate.rekey("check")
        #expect(checked.succeeded, "\(checked.output)\(checked.errors)")
        let declared = try await estate.rekey("topology", "apply")
        #expect(declared.succeeded, "\(declared.output)\(declared.errors)")
        let witness = try await Witness(estate)
        let before = try await estate.azure.lastSequence()
        var replicas: [ChildProcess] = []
        for _ in 0..<3 { replicas.append(try estate.startReplica()) }
        try await eventually("a worker has made the journal") {
            _ = try await estate.progress()
            return true
        }
        let kills = try await trouble(estate, &replicas, until: Self.secrets)
        try await eventually(within: .seconds(60), "nothing is left to do") {
            let progress = try await estate.progress()
            guard progress.isQuiet, progress.closed == Self.secrets else {
                throw PartFailure("\(progress)")
            }
            return true
        }
        #expect(kills > 2)
        try await expectOutside(estate, since: before)
        expectOneCompletion(witness, of: Self.streamed)
        try await expectRecords(estate)
        for replica in replicas {
            replica.terminate()
            #expect(try await replica.waitForExit() == .code(0), "\(replica.errors.suffix(400))")
        }
        let sum = "replicas: \(Self.secrets) rotations, \(kills) kills, none lost or doubled\n"
        FileHandle.standardError.write(Data(sum.utf8))
    }

    @Test func `refuse what one that stood still wants to write late`() async throws {
        let estate = try await Estate.make()
        try await estate.shareJournal(streaming: 1)
        let before = try await estate.azure.lastSequence()
        let delay: [String: Any] = [
            "operation": "setSecret", "vault": "app", "kind": "delay", "seconds": 1, "count": 1,
        ]
        try await estate.azure.control(.put, "/faults", delay)
        let port = try FreePort.next()
        let replicas = [try estate.startReplica(listeningAt: port), try estate.startReplica()]
        try await eventually("a worker waits for the vault") {
            try await estate.azure.faultHits() > 0
        }
        // It has the claim and waits for an answer, which it will find when it goes on.
        let holder = try #require(try await estate.claimHolder())
        let stopped = try #require(replicas.first { $0.pid == holder })
        stopped.signal(SIGSTOP)
        let claimed = try await estate.journal("SELECT holder, epoch FROM claims")
        #expect(claimed.contains("/\(holder)/"))
        try await eventually(within: .seconds(40), "the other worker ends the rotation") {
            let progress = try await estate.progress()
            guard progress.isQuiet, progress.closed == 1 else { throw PartFailure("\(progress)") }
            return true
        }
        let epoch = try await estate.journal("SELECT epoch FROM claims")
        let records = "SELECT number, digest FROM events ORDER BY number"
        let after = try await estate.journal(records)
        stopped.signal(SIGCONT)
        // Refused, it claims the rotation anew, and finds that nothing is left to do.
        try await eventually(within: .seconds(30), "the stopped worker goes on") {
            guard try await estate.progress().isQuiet else { return false }
            return try await Int(estate.journal("SELECT epoch FROM claims")) ?? 0 > Int(epoch) ?? 0
        }
        #expect(try await estate.journal(records) == after)
        let changes = try await estate.azure.changes(since: before)
        #expect(changes.done("setSecret", vault: "app") == 1)
        #expect(changes.done("setSecret", vault: "staging") == 1)
        let audit = try await estate.rekey("audit", "verify")
        #expect(audit.succeeded, "\(audit.output)\(audit.errors)")
        #expect(try await estate.answer(at: port, "/ready") != nil)
        let metrics = try await estate.answer(at: port, "/metrics") ?? ""
        #expect(metrics.contains("\nrekey_last_sweep_timestamp_seconds "), "\(metrics)")
        for replica in replicas {
            replica.terminate()
            #expect(try await replica.waitForExit() == .code(0), "\(replica.errors.suffix(400))")
        }
    }

    private static var streamed: [String] { Estate.streamed(secrets) }

    /// Kills one worker every two seconds and starts another, until all rotations have ended.
    private func trouble(
        _ estate: Estate,
        _ replicas: inout [ChildProcess],
        until count: Int
    ) async throws -> Int {
        var kills = 0
        let deadline = ContinuousClock.now.advanced(by: .seconds(5 * count + 60))
        while try await estate.progress().closed < count {
            guard ContinuousClock.now < deadline else {
                throw PartFailure("\(try await estate.progress()) of \(count) after \(kills) kills")
            }
            try await Task.sleep(for: .seconds(2))
            let index = kills % replicas.count
            replicas[index].kill()
            #expect(try await replicas[index].waitForExit() == .signal(SIGKILL))
            replicas[index] = try estate.startReplica()
            kills += 1
        }
        return kills
    }

    /// What the vaults and the database themselves say.
    private func expectOutside(_ estate: Estate, since sequence: Int) async throws {
        let changes = try await estate.azure.changes(since: sequence)
        let promoted = changes.filter {
            $0.operation == "setSecret" && $0.vault == "app" && $0.principalName == "rekey"
        }.compactMap(\.changed?.name)
        #expect(promoted.sorted() == Self.streamed.sorted())
        #expect(changes.done("setSecret", vault: "staging") == Self.secrets)
        for name in Self.streamed {
            let value = try await estate.azure.value(of: name, in: "app", as: "observer")
            let url = try #require(URLComponents(string: value))
            #expect(url.user == estate.role(name, "b"))
            let isIn = try await estate.canSignIn(estate.role(name, "b"), url.password ?? "")
            #expect(isIn)
            let old = try StandIn.text(at: estate.folder.file(name))
            let isOldIn = try await estate.canSignIn(estate.role(name, "a"), old)
            #expect(!isOldIn)
        }
    }

    /// However often it was published, each rotation has one event of completion, byte by byte.
    private func expectOneCompletion(_ witness: Witness, of secrets: [String]) {
        let completed = witness.deliveries.filter {
            $0.properties.type == "rekey.rotation.completed.v1"
        }
        #expect(Set(completed.compactMap(\.properties.messageID)).count == secrets.count)
        #expect(Set(completed.map(\.body)).count == secrets.count)
    }

    private func expectRecords(_ estate: Estate) async throws {
        let audit = try await estate.rekey("audit", "verify")
        #expect(audit.succeeded, "\(audit.output)\(audit.errors)")
        #expect(audit.output.contains("\(Self.secrets) rotations"))
        let ends = try await estate.journal(
            "SELECT count(*), count(DISTINCT credential) FROM rotations WHERE NOT is_open"
        )
        #expect(ends == "\(Self.secrets)|\(Self.secrets)")
        let debts = try await estate.journal("SELECT count(*) FROM debts WHERE NOT is_paid")
        #expect(debts == "0")
        let status = try await estate.status()
        #expect(status.waitingInbox == 0 && status.unsentOutbox == 0)
    }
}

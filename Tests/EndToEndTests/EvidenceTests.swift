import Foundation
import RealParts
import RekeyCore
import RekeyPorts
import StandInParts
import Testing

/// What a target sees and what a workload proves, with clients and applications of their own.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `Evidence` {
    private static let secret = "orders-database"

    /// An estate whose database is used by an application that the target watches, and by one that
    /// is challenged.
    private func estate(_ jobs: ProofShim) async throws -> Estate {
        let estate = try await Estate.make()
        try estate.folder.write(ProofShim.token, to: "workload-token")
        let token = "\"file:\(estate.folder.file("workload-token"))\""
        let owner = "owner: \(estate.roles.owner)"
        try estate.writeConfiguration([
            (
                "secrets:\n",
                """
                workloads:
                  api:
                    sessions: {applicationName: orders-api, from: [127.0.0.1]}
                    needs: signedIn
                  jobs:
                    http: {challenge: "\(jobs.url)", token: \(token)}
                    needs: proved
                secrets:

                """
            ), (owner, owner + "\n    workloads: [api, jobs]"),
        ])
        return estate
    }

    @Test func `is a session that the target saw, and a proof under the new value`() async throws {
        let jobs = try await ProofShim.start("jobs", of: Self.secret, holding: "the old one")
        let estate = try await estate(jobs)
        let (roles, secret) = (estate.roles, Self.secret)
        let old = try StandIn.text(at: estate.folder.file("first-password"))
        let worker = try await estate.startWorker()
        let witness = try await Witness(estate)
        let pooled = try await estate.openSession("orders-api", as: roles.first, old)
        let check = try await estate.rekey("check")
        #expect(check.exit == .code(0), "\(check.output)\(check.errors)")

        let rotate = try await estate.rekey("rotate", secret)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        try await estate.says("workload 0: none, the target sees no session", about: secret)
        let text = try await estate.azure.value(of: secret, in: "app", as: "observer")
        let new = try #require(URL(string: text)?.password)
        // Another environment holds the new one, and a replica that was left behind the old one.
        let other = try await estate.openSession("orders-api-staging", as: roles.second, new)
        let behind = try await estate.openSession("orders-api", as: roles.first, old)
        let still = "workload 0: none, the target sees it sign in as \(roles.first) still"
        try await estate.says(still, about: secret)
        let api = try await estate.openSession("orders-api", as: roles.second, new)
        try await estate.says("workload 0: signedIn", about: secret)
        try await estate.says("workload 1: none, its challenge was answered", about: secret)
        #expect(witness.completion == nil)
        try jobs.hold(new)
        try await estate.says("workload 1: proved", about: secret)

        // The old account is in use: it lives on, grace or not.
        try await estate.says("silence    of the old credential: inUse", about: secret)
        let told = try #require(witness.completion?.content.evidence)
        #expect(told.map(\.workload) == ["api", "jobs"])
        #expect(told.map(\.level) == ["signedIn", "proved"])
        #expect(try await estate.canSignIn(roles.first, old))
        for client in [pooled, behind] { client.terminate() }
        #expect(try await estate.end(of: secret) == "closed")
        #expect(try await !estate.canSignIn(roles.first, old))
        #expect(api.isRunning && other.isRunning && worker.isRunning)
    }
}

extension Witness {
    /// The event that told of a rotation's completion.
    var completion: CloudEvent? { first(.rotationCompleted) }

    func first(_ type: EventType) -> CloudEvent? {
        // Everything on this exchange is an event of Rekey's.
        deliveries.compactMap { try? CloudEvent(decoding: $0.body) }.first { $0.type == type }
    }
}

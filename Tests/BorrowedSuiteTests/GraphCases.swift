import EntraApplicationTarget
import Foundation
import InMemoryJournal
import InMemoryVault
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// The cases about client secrets, with Rekey's own target over a scripted Graph.
enum GraphCases {
    private static func estate(_ graph: ScriptedGraph) async throws -> SuiteEstate {
        await SuiteEstate(.addThenRemove, target: try graph.target())
    }

    static func asksAgainForTheRemoval() async throws {
        let graph = ScriptedGraph()
        graph.refuseRemovals(400, 2)
        let estate = try await estate(graph)
        let rotation = try await estate.runOnce()
        #expect(rotation.end == .closed, "\(rotation.gaveUpReason ?? "")")
        #expect(graph.added == 1)
        #expect(graph.removals == 3)
        let written = await estate.vault.changes.filter { !$0.isForeign }
        #expect(written.count == 1)
        #expect(graph.accepted == [rotation.candidate.account])
    }

    static func owesWhatItCannotRemove() async throws {
        let graph = ScriptedGraph()
        graph.refuseRemovals(400)
        let estate = try await estate(graph)
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "it tried four times") { _ in
                graph.removals >= 4
            }
            let debts = try await estate.journal.debts(unpaidOnly: true)
            #expect(debts.map(\.account) == [ScriptedGraph.first])
            let held = try await estate.current().value?.text
            #expect(held == "issued-value-1")
            let isLetIn = graph.letsIn(held)
            #expect(isLetIn)
            graph.allowRemovals()
            #expect(try await estate.ended().end == .closed)
        }
        #expect(graph.added == 1)
        #expect(graph.letsIn("issued-value-1"))
        #expect(!graph.letsIn(SuiteEstate.old))
        #expect(try await estate.journal.debts(unpaidOnly: true).isEmpty)
    }

    static func owesTheOrphan() async throws {
        let graph = ScriptedGraph()
        graph.refuseRemovals(400)
        let estate = try await estate(graph)
        estate.workload.fail(with: [StepFailure(.permanent, "no evidence")])
        try await estate.run {
            await estate.request()
            let rotation = try await estate.rotation(until: "it tried eight times") { _ in
                graph.removals >= 8
            }
            #expect(rotation.isGoingBack)
            let orphan = try #require(rotation.candidate.account)
            let debts = try await estate.journal.debts(unpaidOnly: true)
            #expect(debts.map(\.account) == [orphan])
            #expect(try await estate.current().value?.text == SuiteEstate.old)
            graph.allowRemovals()
            #expect(try await estate.ended().end == .rolledBack)
        }
        #expect(graph.accepted == [ScriptedGraph.first])
        #expect(try await estate.journal.debts(unpaidOnly: true).isEmpty)
    }

    static func stopsAtForbidden() async throws {
        let graph = ScriptedGraph()
        graph.refuseRemovals(403)
        let estate = try await estate(graph)
        try await estate.run {
            await estate.request()
            let stuck = try await estate.rotation(until: "it stops") { $0.stuckReason != nil }
            #expect(stuck.stuckReason?.contains("403") == true)
            #expect(stuck.step == .retire)
            try await estate.settle()
        }
        #expect(graph.removals == 1)
        #expect(graph.letsIn("issued-value-1"))
        let debts = try await estate.journal.debts(unpaidOnly: true)
        #expect(debts.map(\.account) == [ScriptedGraph.first])
    }
}

import Foundation
import RealParts
import Testing

/// The models of `contracts/model`, checked by their script.
@Suite(.timeLimit(.minutes(5))) struct `The models` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("contracts/model").path

    /// A line of the script's table.
    private struct Row {
        let text: Substring
        let model: Substring
        let states: Int
        let result: Substring

        /// Two spaces or more are between the columns, but around the states.
        init?(_ line: Substring) {
            let pattern = /(saga|claims) +.*? +(\d+) +(holds|fails|error)(?:[ ,].*)?/
            guard let match = line.wholeMatch(of: pattern), let states = Int(match.2) else {
                return nil
            }
            text = line
            model = match.1
            self.states = states
            result = match.3
        }
    }

    private func check(
        in folder: String,
        _ arguments: [String] = []
    ) async throws -> (outcome: ChildProcess.Outcome, rows: [Row]) {
        let outcome = try await ChildProcess.run(
            "bash",
            ["\(folder)/check.sh"] + arguments,
            within: .seconds(240)
        )
        return (outcome, outcome.output.split(separator: "\n").compactMap(Row.init))
    }

    @Test func `hold, and each of their mutants fails`() async throws {
        let (outcome, rows) = try await check(in: Self.folder)
        FileHandle.standardError.write(Data(outcome.output.utf8))
        #expect(outcome.succeeded, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasSuffix("27 runs, 0 not as expected\n"))
        #expect(rows.count == 27)
        let holding = rows.filter { $0.result == "holds" }
        #expect(holding.map(\.model) == ["saga", "saga", "saga", "claims"])
        for row in holding { #expect(row.states > 10_000, "\(row.text)") }
        #expect(rows.filter { $0.result == "fails" }.count == 23)
    }

    @Test func `are of no use where a mutant holds, and the script says so`() async throws {
        let copy = try TemporaryDirectory("model")
        for name in ["check.sh", "saga.pml", "claims.pml"] {
            let text = try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
            // The mutant is the model itself then.
            try copy.write(text.replacing("#ifdef LATE_ANSWER", with: "#ifdef NEVER"), to: name)
        }
        let (outcome, rows) = try await check(in: copy.path, ["an answer counts"])
        #expect(outcome.exit == .code(1))
        #expect(rows.map(\.result) == ["holds"])
        #expect(outcome.output.contains("holds, where it fails"))
        #expect(outcome.output.hasSuffix("1 runs, 1 not as expected\n"))
    }
}

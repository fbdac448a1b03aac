import Foundation
import RealParts
import Testing

/// A fixed number of inputs for every parser; `deploy/fuzz.sh` goes on for as long as it is told.
@Suite(.timeLimit(.minutes(5))) struct `A parser of outside bytes` {
    @Test(arguments: Fuzzer.targets)
    func `keeps its promises on what nobody sends on purpose`(target: String) async throws {
        let fuzzer = try Fuzzer()
        let outcome = try await fuzzer.run(target)
        let report = try fuzzer.report(target, outcome)
        #expect(outcome.exit == .code(0), "\(report)")
        #expect(outcome.output.hasSuffix(" inputs\n"))
    }

    /// What does not find these finds nothing.
    @Test(
        arguments: [
            ("planted-loss", .code(1), "changed"),
            ("planted-leak", .code(1), "an error quotes the secret"),
            ("planted-hang", .code(75), "the input takes too long"),
            ("planted-trap", .signal(4), nil),
        ] as [(String, ChildProcess.Exit, String?)]
    )
    func `is caught with a planted mistake`(
        target: String,
        exit: ChildProcess.Exit,
        words: String?
    ) async throws {
        let fuzzer = try Fuzzer()
        let outcome = try await fuzzer.run(target, ["--patience", "1"])
        #expect(outcome.exit == exit)
        // A trap says nothing of itself without debugging symbols.
        if let words { #expect((outcome.output + outcome.errors).contains(words)) }
        // What was kept does it again.
        let again = try await fuzzer.replay(target)
        #expect(again.exit != .code(0))
    }

    @Test func `has a small corpus, and no corpus is without its parser`() async throws {
        let listed = try await Fuzzer().list()
        #expect(listed == Fuzzer.targets)
        #expect(try Fuzzer.corpusByteCount < 200 * 1024)
    }
}

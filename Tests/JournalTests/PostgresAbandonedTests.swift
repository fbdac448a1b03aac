import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A worker that stands still in the midst of a message` {
    private let clock = SetClock()

    // The server waits for the rest without any limit of time, and with the rows that it locked:
    // nobody else ever got the claim, and nothing was said.
    @Test func `does not keep the rows of its transaction for ever`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        let first = try #require(await journal.claim("r1", for: "w1", seconds: 60))
        try await journal.release(first)
        // As after the first calls of a pipeline, the session is active, and reads from its client.
        let stopped = try bench.server.startPsql(
            """
            SET search_path TO \(bench.schema);
            SET application_name TO 'rekey \(bench.schema) writing';
            SET idle_in_transaction_session_timeout TO '1s';
            BEGIN;
            SELECT * FROM claims FOR UPDATE;
            COPY claims FROM STDIN;

            """
        )
        try await eventually("the session holds the claim's row") {
            try await journal.claim("r1", for: "w2", seconds: 1) == nil
        }
        // Somebody's own session of another name is none of ours.
        let other = try bench.server.startPsql(
            "BEGIN;\nCREATE TEMPORARY TABLE t (n int);\nCOPY t FROM STDIN;\n"
        )
        try await eventually(within: .seconds(40), "another worker gets the claim") {
            _ = try await journal.awaitWork()
            return try await journal.claim("r1", for: "w2", seconds: 60) != nil
        }
        stopped.closeInput()
        #expect(try await stopped.waitForExit() != .code(0))
        other.closeInput()
        #expect(try await other.waitForExit() == .code(0))
        await journal.close()
    }
}

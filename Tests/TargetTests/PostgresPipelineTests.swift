import RealParts
import RekeyCore
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A message of several statements` {
    @Test func `is answered call by call, and brings arrays over as they are`() async throws {
        let connection = try await open()
        let texts: [PostgresValue] = [.text("a\"b\\c{d},'e' 🔑"), .null, .text(""), .text("NULL")]
        let calls = [
            PostgresCall(
                "columns",
                """
                SELECT t, n, r, b, encode(y, 'hex') FROM unnest($1::text[], $2::bigint[],
                    $3::double precision[], $4::boolean[], $5::bytea[]) AS u (t, n, r, b, y)
                """,
                [
                    .array(texts), .array([.integer(-7), .integer(0), .null, .integer(9)]),
                    .array([.real(0.1), .real(1e300), .real(-0.0), .null]),
                    .array([.boolean(true), .boolean(false), .null, .boolean(true)]),
                    .array([.bytes([0, 92, 34, 255]), .bytes([]), .null, .bytes([1])]),
                ]
            ),
            PostgresCall("sum", "SELECT $1::bigint + $2::bigint", [.integer(2), .integer(3)]),
            PostgresCall("sum", "SELECT $1::bigint + $2::bigint", [.integer(4), .integer(5)]),
        ]
        for _ in 0..<2 {
            let answers = try await connection.pipeline(calls)
            #expect(
                answers[0] == [
                    ["a\"b\\c{d},'e' 🔑", "-7", "0.1", "t", "005c22ff"],
                    [nil, "0", "1e+300", "f", ""], ["", nil, "-0", nil, nil],
                    ["NULL", "9", nil, "t", "01"],
                ]
            )
            #expect(answers[1...] == [[["5"]], [["9"]]])
        }
        #expect(try await connection.query("SELECT 1") == [["1"]])
    }

    @Test func `stops at the first that fails, and names it`() async throws {
        let connection = try await open()
        try await connection.execute("CREATE TEMPORARY TABLE t (n int UNIQUE)")
        let add = PostgresCall("add", "INSERT INTO t VALUES (1)")
        let calls = [add, add, PostgresCall("more", "INSERT INTO t VALUES (2)")]
        let failure = await #expect(throws: PostgresFailure.self) {
            try await connection.pipeline(calls)
        }
        #expect(failure?.call == "add")
        #expect(failure?.sqlState == "23505")
        #expect(failure?.phase == .answered)
        // Without a transaction of their own the calls of one message are one.
        #expect(try await connection.query("SELECT count(*) FROM t") == [["0"]])
        #expect(try await connection.pipeline([add, calls[2]]) == [[], []])
        #expect(try await connection.query("SELECT count(*) FROM t") == [["2"]])
    }

    @Test func `passes what no buffer holds, both ways`() async throws {
        let connection = try await open()
        let bytes = [UInt8](repeating: 7, count: 400_000)
        let call = PostgresCall("echo", "SELECT $1::bytea", [.bytes(bytes)])
        let answers = try await connection.pipeline(Array(repeating: call, count: 20))
        #expect(answers.count == 20)
        #expect(answers.allSatisfy { $0.first?.first??.utf8.count == 2 + bytes.count * 2 })
    }

    @Test func `says whether a lost connection may have changed something`() async throws {
        for isOpenEnded in [true, false] {
            let connection = try await open()
            let calls = [
                PostgresCall("end", "SELECT pg_terminate_backend(pg_backend_pid())"),
                PostgresCall("one", "SELECT 1"),
            ]
            let failure = await #expect(throws: PostgresFailure.self) {
                try await connection.pipeline(calls, isOpenEnded: isOpenEnded)
            }
            #expect(failure?.mayHaveTakenEffect == !isOpenEnded)
            #expect(await !connection.isOpen)
        }
    }

    @Test func `is told by another connection`() async throws {
        let (listener, speaker) = (try await open(), try await open())
        try await listener.execute("LISTEN \(identifier: "a channel")")
        let early = try await listener.perform { (link) throws(PostgresFailure) in
            try link.notifications(within: 0.01)
        }
        #expect(early.isEmpty)
        try await speaker.query("SELECT pg_notify('a channel', 'wake')")
        let heard = try await listener.perform { (link) throws(PostgresFailure) in
            try link.notifications(within: 20)
        }
        #expect(heard == ["wake"])
    }

    private func open() async throws -> PostgresConnection {
        let server = try await PrivatePostgres.shared()
        return try await PostgresConnection.open(
            PostgresSettings(
                host: server.host,
                port: server.port,
                database: "postgres",
                user: server.user,
                password: Secret(copying: server.password.utf8),
                tls: .disabled
            )
        )
    }
}

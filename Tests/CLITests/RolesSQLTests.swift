import RealParts
import Testing

@testable import rekey

@Suite struct `The SQL for a secret's roles` {
    @Test func `is that of its target, by either name, and signs in nowhere`() throws {
        let settings = try Unreadable.settings()
        let sql = try Init.sql(for: "erp", in: settings)
        #expect(sql.contains("CREATE ROLE \"erp_a\" NOLOGIN;"), "\(sql)")
        #expect(sql.contains("ALTER ROLE \"erp_b\" SET role = 'erp';"), "\(sql)")
        #expect(sql.contains("ALTER ROLE \"rekey_admin\" CREATEROLE;"), "\(sql)")
        #expect(!sql.contains("PASSWORD"))
        #expect(try Init.sql(for: "roles", in: settings) == sql)
        #expect(try Init.sql(for: "prod/Erp", in: settings) == sql)
    }

    @Test(arguments: ["token", "nobody"])
    func `is refused where there are none, with the names that there are`(name: String) throws {
        let problem = #expect(throws: Problem.self) {
            try Init.sql(for: name, in: try Unreadable.settings())
        }
        #expect(problem?.code == Problem.usage)
        #expect(problem?.hint == "there are: roles")
    }

    @Test func `is printed by a command, which makes no key beside it`() async throws {
        let folder = try TemporaryDirectory("init")
        let text = Unreadable.text()
        let arguments = ["init", "--config", try folder.write(text, to: "rekey.yaml")]
        func run(_ more: String...) async throws -> ChildProcess.Outcome {
            let program = try BuiltProgram.path("rekey")
            return try await ChildProcess.run(
                program,
                arguments + more,
                workingDirectory: folder.path
            )
        }
        let printed = try await run("--sql", "erp")
        #expect(printed.exit == .code(0), "\(printed.errors)")
        #expect(printed.output.contains("CREATE ROLE \"erp_a\" NOLOGIN;"), "\(printed.output)")
        let both = try await run("--sql", "erp", "--signer", "worker")
        #expect(both.exit == .code(64), "\(both.errors)")
    }
}

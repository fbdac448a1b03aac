import Foundation
import RealParts
import Testing

@Suite struct `The support for real parts` {
    @Test func `waits until a condition holds`() async throws {
        var count = 0
        try await eventually("the third look") {
            count += 1
            return count == 3
        }
        #expect(count == 3)
    }

    @Test func `says what did not happen, and the last trouble`() async throws {
        let failure = await #expect(throws: PartFailure.self) {
            try await eventually(within: .milliseconds(30), "the impossible") {
                throw PartFailure("no way")
            }
        }
        let words = try #require(failure).description
        #expect(words.contains("the impossible"))
        #expect(words.contains("no way"))
    }

    @Test func `gives each free port once`() throws {
        let ports = try (0..<20).map { _ in try FreePort.next() }
        #expect(Set(ports).count == 20)
        #expect(ports.allSatisfy { !FreePort.isOpen($0) })
    }

    @Test func `removes a directory with its owner`() throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory()
        let path = try #require(directory).write("text", to: "file")
        #expect(FileManager.default.fileExists(atPath: path))
        directory = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `issues certificates that openssl verifies against their own authority only`()
        async throws
    {
        let authority = try await TestCA.shared()
        let stranger = try await TestCA.make(name: "stranger")
        let identity = try await authority.issue()
        func verify(_ ca: TestCA, _ host: [String]) async throws -> Bool {
            try await ChildProcess.run(
                "openssl",
                ["verify", "-x509_strict", "-CAfile", ca.certificatePath] + host
                    + [identity.certificatePath]
            ).succeeded
        }
        #expect(try await verify(authority, ["-verify_hostname", "localhost"]))
        #expect(try await verify(authority, ["-verify_ip", "127.0.0.1"]))
        #expect(try await !verify(authority, ["-verify_hostname", "elsewhere"]))
        #expect(try await !verify(stranger, []))
    }
}

import Foundation
import RealParts
import Testing

@testable import rekey

@Suite struct `The files of a signer` {
    // A new key came to stand beside the old certificate, and nobody compared them.
    @Test(arguments: ["pem", "key"])
    func `are made together, or not at all`(kind: String) async throws {
        let folder = try TemporaryDirectory("signer")
        try folder.write("here", to: "worker.\(kind)")
        let program = try BuiltProgram.path("rekey")
        let name = folder.file("worker")
        let outcome = try await ChildProcess.run(program, ["init", "--signer", name])
        #expect(outcome.exit == .code(Problem.usage))
        #expect(outcome.errors.contains("worker.\(kind) is there already, and nothing was made"))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.filter { $0.hasPrefix("worker.") } == ["worker.\(kind)"])
    }
}

import Foundation

/// `deploy/shim/rekey_proof.py` as it is, in a process of its own: a workload that proves what it
/// holds.
package final class ProofShim: Sendable {
    package static let token = "token-of-the-workload"

    /// Where it is challenged.
    package let url: String
    private let folder: TemporaryDirectory
    private let process: ChildProcess

    package static func start(
        _ workload: String,
        of credential: String,
        holding value: String
    ) async throws -> ProofShim {
        let folder = try TemporaryDirectory("shim")
        try folder.write(value, to: "value")
        let port = try FreePort.next()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("deploy/shim/rekey_proof.py").path
        let process = try ChildProcess(
            "python3",
            [script],
            environment: [
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin",
                "PYTHONDONTWRITEBYTECODE": "1", "REKEY_LISTEN": "127.0.0.1:\(port)",
                "REKEY_TOKEN": token, "REKEY_WORKLOAD": workload,
                "REKEY_CREDENTIALS": #"{"\#(credential)": "\#(folder.file("value"))"}"#,
            ]
        )
        try await eventually(within: .seconds(30), "the shim listens") {
            guard process.isRunning else { throw PartFailure("it ended: \(process.errors)") }
            return FreePort.isOpen(port)
        }
        return ProofShim("http://127.0.0.1:\(port)/proof", folder, process)
    }

    private init(_ url: String, _ folder: TemporaryDirectory, _ process: ChildProcess) {
        self.url = url
        self.folder = folder
        self.process = process
    }

    /// The file of the value, for whoever delivers another.
    package var valuePath: String { folder.file("value") }

    package var value: String {
        get throws { try String(contentsOfFile: valuePath, encoding: .utf8) }
    }

    package func hold(_ value: String) throws { try folder.write(value, to: "value") }
}

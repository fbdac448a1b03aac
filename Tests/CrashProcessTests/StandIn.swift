import Foundation
import RealParts
import RekeyCore
import RekeyPlatform

/// The stand-in for Azure that all worlds share, ended when dropped.
final class StandIn: Sendable {
    struct Application: Decodable, Sendable {
        let appId: String
        let passwordFiles: [String]?
    }

    /// What it writes about itself; the rest of the file is not needed here.
    struct Facts: Decodable, Sendable {
        let tenant: String
        let subscription: String
        let resourceGroup: String
        let automationAccount: String
        let authority: String
        let graph: String
        let arm: String
        let control: String
        let controlToken: String
        let ca: String
        let changes: String
        let applications: [String: Application]
    }

    /// A line of its log of changes.
    struct Change: Decodable, Sendable {
        struct Changed: Decodable, Sendable {
            let kind: String
            let name: String?
            let appId: String?
            let keyId: String?
            let version: String?
            let digest: String?
        }

        let vault: String?
        let changed: Changed?
    }

    let facts: Facts
    private let http: HTTPClient
    private let token: Secret
    private let directory: TemporaryDirectory
    private let child: ChildProcess
    private let log: GrowingFile

    /// Starts one; a debug build under load takes seconds.
    init() async throws {
        directory = try TemporaryDirectory("standin")
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (program as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent("azure-standin")
        let child = try ChildProcess(path, ["--directory", directory.path])
        let file = directory.file("standin.json")
        try await eventually(within: .seconds(60), "the stand-in is ready") {
            guard child.isRunning else { throw PartFailure("it ended: \(child.errors)") }
            return FileManager.default.fileExists(atPath: file)
        }
        self.child = child
        facts = try JSONDecoder().decode(
            Facts.self,
            from: Data(contentsOf: URL(fileURLWithPath: file))
        )
        let text = try String(contentsOfFile: facts.controlToken, encoding: .utf8)
        log = GrowingFile(facts.changes) { line in Self.kinds.contains { line.contains($0) } }
        token = Secret(copying: text.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
        http = HTTPClient(trust: .file(facts.ca), name: "tests")
    }

    func control(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [String: Any]? = nil
    ) async throws -> Data {
        let content = try body.map {
            Secret(copying: try JSONSerialization.data(withJSONObject: $0))
        }
        let request = HTTPRequest(
            method,
            facts.control + path,
            headers: [
                HTTPHeader(name: "Authorization", secret: token, prefix: "Bearer "),
                HTTPHeader(name: "Content-Type", value: "application/json"),
            ],
            body: content
        )
        let response = try await http.send(request)
        guard (200..<300).contains(response.status) else {
            throw PartFailure("\(method) \(path): \(response.status)")
        }
        return Data(response.body.bytes)
    }

    /// An empty vault, and its address.
    func makeVault(_ name: String) async throws -> String {
        struct Answer: Decodable { let url: String }
        let rights: [String: Any] = ["rekey": ["get", "list", "set"]]
        let answer = try await control(.post, "/vaults", ["name": name, "permissions": rights])
        return try JSONDecoder().decode(Answer.self, from: answer).url
    }

    /// Puts what a file holds into a vault, as a secret that is near its end.
    func place(_ file: String, as secret: String, in vault: String) async throws {
        let declared: [String: Any] = [
            "name": secret, "valueFrom": "file:\(file)", "expiresInSeconds": 3_600,
        ]
        _ = try await control(.put, "/vaults/\(vault)/secrets/\(secret)", declared)
    }

    /// An application that `rekey` owns, with one password.
    func makeApplication(_ name: String) async throws -> Application {
        let password: [String: Any] = ["displayName": "first", "lifetimeDays": 30]
        let declared: [String: Any] = ["name": name, "owners": ["rekey"], "passwords": [password]]
        let answer = try await control(.post, "/applications", declared)
        return try JSONDecoder().decode(Application.self, from: answer)
    }

    /// The changes of what has one of these names, as its own log has them, in their order.
    func changes(of names: [String]) throws -> [Change] {
        try log.lines().filter { line in names.contains { line.contains("\"\($0)\"") } }
            .map { try JSONDecoder().decode(Change.self, from: Data($0.utf8)) }
    }

    private static let kinds = [
        "passwordAdded", "passwordRemoved", "secretVersion", "\"job\"",
    ]
}

extension Secret {
    /// The bytes of an answer that a test looks into.
    var bytes: [UInt8] {
        reveal { span in
            (0..<byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }
}

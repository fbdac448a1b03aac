package import Foundation
import RealParts
package import RekeyCore
package import RekeyPlatform

/// A running `azure-standin` with a directory of its own, ended when dropped.
package final class StandIn: Sendable {
    package let facts: Facts
    /// Trusts the stand-in's authority, and no other.
    package let http: HTTPClient
    private let token: Secret
    private let directory: TemporaryDirectory
    private let child: ChildProcess

    /// Starts one, with its own scenario or this; a debug build under load takes seconds.
    package static func start(_ scenario: [String: Any]? = nil) async throws -> StandIn {
        let directory = try TemporaryDirectory("standin")
        var arguments = ["--directory", directory.path]
        if let scenario {
            let data = try JSONSerialization.data(withJSONObject: scenario)
            let text = String(decoding: data, as: UTF8.self)
            arguments += ["--scenario", try directory.write(text, to: "scenario.json")]
        }
        let child = try ChildProcess(try BuiltProgram.path("azure-standin"), arguments)
        let file = directory.file("standin.json")
        try await eventually(within: .seconds(60), "the stand-in is ready") {
            guard child.isRunning else { throw PartFailure("it ended: \(child.errors)") }
            return FileManager.default.fileExists(atPath: file)
        }
        let facts = try JSONDecoder().decode(
            Facts.self,
            from: Data(contentsOf: URL(fileURLWithPath: file))
        )
        return try StandIn(facts, directory, child)
    }

    private init(_ facts: Facts, _ directory: TemporaryDirectory, _ child: ChildProcess) throws {
        self.facts = facts
        self.directory = directory
        self.child = child
        token = try Self.secret(at: facts.controlToken)
        http = HTTPClient(trust: .file(facts.ca), name: "standin")
    }

    /// A file's contents without a final line break.
    package static func secret(at path: String) throws -> Secret {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw PartFailure("cannot read \(path)")
        }
        let end = data.last == UInt8(ascii: "\n") ? data.dropLast() : data
        return Secret(copying: end)
    }

    /// Asks the control API, which nobody but a test knows of.
    ///
    /// - Throws: `PartFailure` with what it answered, where that is no success.
    @discardableResult
    package func control(
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
        let answer = Data(response.body.bytes)
        guard (200..<300).contains(response.status) else {
            let text = String(decoding: answer, as: UTF8.self)
            throw PartFailure("\(method) \(path): \(response.status) \(text)")
        }
        return answer
    }
}

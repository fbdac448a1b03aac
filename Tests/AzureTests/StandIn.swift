import Foundation
import RealParts
import RekeyAzure
import RekeyCore
import RekeyPlatform

/// A running `azure-standin` with its own directory, ended when dropped.
final class StandIn: Sendable {
    /// What it writes about itself; the rest of the file is not needed here.
    struct Facts: Decodable, Sendable {
        struct Application: Decodable, Sendable {
            let appId: String
            let objectId: String
            let passwordFiles: [String]?
            let certificateFile: String?
            let federatedTokenFile: String?
        }

        let pid: Int32
        let tenant: String
        let subscription: String
        let resourceGroup: String
        let automationAccount: String
        let authority: String
        let graph: String
        let arm: String
        let control: String
        let controlToken: String
        let identity: String
        let identityHeader: String
        let vaults: [String: String]
        let ca: String
        let applications: [String: Application]
    }

    private static let common = Task { try await StandIn.start() }

    /// One for every suite that keeps its faults to its own vaults and applications.
    static func shared() async throws -> StandIn { try await common.value }

    let facts: Facts
    let http: HTTPClient
    let controlToken: Secret
    private let directory: TemporaryDirectory
    private let child: ChildProcess

    /// Starts one; a debug build under load takes seconds.
    static func start() async throws -> StandIn {
        let directory = try TemporaryDirectory("standin")
        let child = try ChildProcess(try executable(), ["--directory", directory.path])
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
        controlToken = try Self.secret(at: facts.controlToken)
        http = HTTPClient(trust: .file(facts.ca), name: "tests")
    }

    /// The product of the same build, beside the test program.
    private static func executable() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (program as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent("azure-standin")
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw PartFailure("no azure-standin in \(folder)")
        }
        return path
    }

    /// A file's contents without a final line break.
    static func secret(at path: String) throws -> Secret {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw PartFailure("cannot read \(path)")
        }
        let end = data.last == UInt8(ascii: "\n") ? data.dropLast() : data
        return Secret(copying: end)
    }

    var environment: AzureEnvironment {
        AzureEnvironment(
            authority: facts.authority,
            graph: facts.graph,
            graphResource: "https://graph.microsoft.com",
            resourceManager: facts.arm,
            resourceManagerResource: "https://management.azure.com",
            vaultSuffix: "vault.azure.net"
        )
    }

    func application(_ name: String) throws -> Facts.Application {
        guard let application = facts.applications[name] else {
            throw PartFailure("no application \(name)")
        }
        return application
    }

    /// How the application signs in with its first password.
    func secretIdentity(_ name: String) throws -> EntraIdentity {
        let application = try application(name)
        guard let file = application.passwordFiles?.first else {
            throw PartFailure("\(name) has no password")
        }
        let secret = try Self.secret(at: file)
        return .clientSecret(tenant: facts.tenant, client: application.appId) { secret }
    }

    func tokens(as name: String = "rekey") throws -> EntraTokens {
        EntraTokens(try secretIdentity(name), environment: environment, http: http)
    }
}

import Foundation
import ServiceLifecycle

/// Writes `standin.json` when every port is bound, and removes it at the end.
struct StandInFile: Service {
    static let pollInterval = Duration.milliseconds(10)

    let standIn: StandIn
    let directory: String
    let certificates: TestCertificates
    let apis: [API]

    var path: String { "\(directory)/standin.json" }

    func run() async throws {
        for api in apis {
            while await standIn.address(of: api).isEmpty {
                try await Task.sleep(for: StandInFile.pollInterval)
            }
        }
        let json = await standIn.read { [self] in self.json($0) }
        try Data(json.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try? await gracefulShutdown()
    }

    private func json(_ world: World) -> JSON {
        let applications = world.applications.values.map { record in
            (record.name, StandInFile.application(record, directory: directory))
        }
        return [
            "pid": .integer(Int(ProcessInfo.processInfo.processIdentifier)),
            "tenant": .string(world.tenant), "subscription": .string(world.subscription),
            "resourceGroup": .string(world.resourceGroup),
            "automationAccount": .string(world.automation.name),
            "authority": .string(world.endpoints.authority),
            "graph": .string(world.endpoints.graph), "arm": .string(world.endpoints.arm),
            "control": .string(world.endpoints.control),
            "controlToken": .string("\(directory)/control-token"),
            "identity": .string(world.endpoints.identity),
            "identityHeader": .string("\(directory)/private/identity-header"),
            "vaults": .object(world.endpoints.vaults.mapValues(JSON.string)),
            "ca": .string(certificates.authorityFile),
            "changes": .string("\(directory)/changes.jsonl"),
            "applications": .object(Dictionary(uniqueKeysWithValues: applications)),
        ]
    }

    /// Where an application's credentials were left.
    static func application(_ record: ApplicationRecord, directory: String) -> JSON {
        let folder = "\(directory)/private"
        let passwords = record.passwords.indices.map { "\(folder)/passwords/\(record.name)-\($0)" }
            .filter { FileManager.default.fileExists(atPath: $0) }
        let existing = { (path: String) -> JSON in
            FileManager.default.fileExists(atPath: path) ? .string(path) : .null
        }
        return [
            "appId": .string(record.appID), "objectId": .string(record.objectID),
            "servicePrincipalId": .string(record.servicePrincipalID),
            "passwordFiles": .array(passwords.map(JSON.string)),
            "certificateFile": existing("\(folder)/certificates/\(record.name).pem"),
            "federatedTokenFile": existing("\(folder)/federated/\(record.name).jwt"),
        ]
    }
}

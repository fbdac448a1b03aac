import Foundation
import RekeyCore
import RekeyPorts

/// A vault whose secrets lie in files, so that it outlives a killed worker.
actor FileVault: Vault {
    private struct Version: Codable, Sendable {
        let id: String
        let value: [UInt8]
        let expires: Date?
        let contentType: String?
        let tags: [String: String]
        let created: Date
        var isEnabled = true
    }

    private let folder: String
    private let initial: [SecretName: VaultEntry]

    /// `initial` is what names hold that were never written.
    init(in folder: String, initial: [SecretName: VaultEntry] = [:]) {
        self.folder = folder
        self.initial = initial
    }

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try versions(of: name).last.map { Self.shown($0) }
    }

    func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try versions(of: name).first { $0.id == id.text }.map { Self.shown($0) }
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        let version = Self.version(of: entry, id: UUID().uuidString)
        // Older ones are never asked for, and would make each read longer.
        try store(try versions(of: name).suffix(Self.kept) + [version], as: name)
        return VersionID(version.id)
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        var versions = try versions(of: name)
        guard let index = versions.firstIndex(where: { $0.id == id.text }) else { return }
        versions[index].isEnabled = false
        try store(versions, as: name)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] { [] }

    private static let kept = 8

    private static func version(of entry: VaultEntry, id: String) -> Version {
        Version(
            id: id,
            value: entry.value.bytes,
            expires: entry.expires,
            contentType: entry.contentType,
            tags: entry.tags,
            created: Date()
        )
    }

    private static func shown(_ version: Version) -> VaultVersion {
        VaultVersion(
            id: VersionID(version.id),
            value: version.isEnabled ? Secret(copying: version.value) : nil,
            isEnabled: version.isEnabled,
            expires: version.expires,
            created: version.created,
            contentType: version.contentType,
            tags: version.tags
        )
    }

    private func file(of name: SecretName) -> StateFile<[Version]> {
        StateFile(name.text, in: folder)
    }

    private func versions(of name: SecretName) throws(StepFailure) -> [Version] {
        do {
            if let versions = try file(of: name).read() { return versions }
        } catch { throw StepFailure(.transient, "\(name): cannot be read") }
        return initial[name].map { [Self.version(of: $0, id: "initial")] } ?? []
    }

    private func store(_ versions: [Version], as name: SecretName) throws(StepFailure) {
        do { try file(of: name).write(versions) } catch {
            throw StepFailure(.unknown, "\(name): cannot be written")
        }
    }
}

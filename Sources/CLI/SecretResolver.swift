import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts

/// Reads the secrets that Rekey itself needs, each time anew: they may have been rotated.
struct SecretResolver: Sendable {
    typealias Source = @Sendable () async throws(StepFailure) -> Secret

    /// Longer files are refused.
    static let byteLimit = 64 * 1024

    /// `vaults` is asked when a secret is read, so that a vault may need one of another kind.
    let vaults: @Sendable (VaultName) throws(StepFailure) -> (any Vault)?

    func source(_ place: SecretSource) -> Source {
        let vaults = vaults
        return { () async throws(StepFailure) -> Secret in
            switch place {
            case .environment(let name): return try Self.environment(name)
            case .file(let path): return try Self.file(path)
            case .vault(let reference):
                guard let vault = try vaults(reference.vault),
                    let value = try await vault.latest(reference.name)?.value
                else { throw StepFailure(.permanent, "\(reference) has no value to read") }
                guard value.byteCount > 0 else {
                    throw StepFailure(.permanent, "\(reference) is empty")
                }
                return value
            }
        }
    }

    static func environment(_ name: String) throws(StepFailure) -> Secret {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw StepFailure(.permanent, "the environment has no \(name)")
        }
        return Secret(copying: value.utf8)
    }

    /// A file's bytes, without line ends at its end.
    static func file(_ path: String) throws(StepFailure) -> Secret {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw StepFailure(.permanent, "\(path) cannot be opened")
        }
        var bytes: Data?
        do {
            bytes = try handle.read(upToCount: byteLimit + 1)
        } catch {
            throw StepFailure(.permanent, "\(path) cannot be read")
        }
        while bytes?.last == 10 || bytes?.last == 13 { bytes?.removeLast() }
        guard let bytes, !bytes.isEmpty, bytes.count <= byteLimit else {
            throw StepFailure(.permanent, "\(path) is empty or longer than \(byteLimit) bytes")
        }
        return Secret(copying: bytes)
    }
}

import Foundation
import RekeyCore
package import RekeyPorts
import Testing

/// What every `Vault` must do, promise by promise, each on a name of its own.
package struct VaultConformance: Sendable, CustomTestStringConvertible {
    /// Makes a vault that may be written; it need not be empty.
    package typealias Maker = @Sendable () async throws -> any Vault

    package let promise: String
    private let body: @Sendable (any Vault, SecretName) async throws -> Void

    init(
        _ promise: String,
        check body: @escaping @Sendable (any Vault, SecretName) async throws -> Void
    ) {
        self.promise = promise
        self.body = body
    }

    package var testDescription: String { promise }

    /// Holds one adapter to this promise.
    package func check(_ makeVault: Maker) async throws {
        let name = SecretName("conformance-\(UUID().uuidString.lowercased())")
        try await body(try await makeVault(), name)
    }

    package static let all: [VaultConformance] = [reading, writing, disabling, retagging].flatMap(
        \.self
    )
}

/// Values as the promises compare them.
extension Secret {
    init(sample text: String) { self.init(copying: text.utf8) }
}

extension VaultVersion {
    func holds(_ text: String) -> Bool { value == Secret(sample: text) }
}

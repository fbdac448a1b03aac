import Foundation
import RekeyPlatform

extension StandIn {
    /// An empty vault with the rights that applications have there by their names, and its address.
    package func makeVault(_ name: String, permissions: [String: [String]]) async throws -> String {
        struct Answer: Decodable { let url: String }
        let declared: [String: Any] = ["name": name, "permissions": permissions]
        let answer = try await control(.post, "/vaults", declared)
        return try JSONDecoder().decode(Answer.self, from: answer).url
    }

    /// An application that `rekey` owns, with `passwords` passwords of thirty days.
    package func makeApplication(
        _ name: String,
        audience: String = "AzureADMyOrg",
        passwords: Int = 1
    ) async throws -> Application {
        let declared: [String: Any] = [
            "name": name, "signInAudience": audience, "owners": ["rekey"],
            "passwords": (0..<passwords).map {
                ["displayName": "first-\($0)", "lifetimeDays": 30] as [String: Any]
            },
        ]
        let answer = try await control(.post, "/applications", declared)
        return try JSONDecoder().decode(Application.self, from: answer)
    }
}

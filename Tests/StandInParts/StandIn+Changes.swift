import Foundation
import RekeyPlatform

extension StandIn {
    /// A line of its log of requests.
    package struct Change: Decodable, Sendable {
        /// What the request changed; values only as digests.
        package struct Changed: Decodable, Sendable {
            package let kind: String
            package let name: String?
            package let appId: String?
            package let keyId: String?
            package let version: String?
            package let digest: String?
        }

        package let sequence: Int
        package let api: String
        package let vault: String?
        package let operation: String
        package let principal: String?
        package let principalName: String?
        package let method: String?
        package let path: String?
        package let status: Int?
        package let changed: Changed?
    }

    private struct Changes: Decodable {
        let changes: [Change]
        let last: Int
    }

    /// Every request since `sequence`, refused ones too.
    package func changes(since sequence: Int = 0) async throws -> [Change] {
        try await read(since: sequence).changes
    }

    /// The number of its last request.
    package func lastSequence() async throws -> Int { try await read(since: Int.max).last }

    private func read(since sequence: Int) async throws -> Changes {
        let answer = try await control(.get, "/changes?since=\(sequence)")
        return try JSONDecoder().decode(Changes.self, from: answer)
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import RekeyCore
import RekeyPorts

/// Rotations to be read over HTTP, by those who have the token.
struct RotationQueries: Sendable {
    let reader: any JournalReader
    let token: GatewaySettings.SecretSource?
    let logger: Logger

    /// Answers `GET /api/rotations?secret=NAME&open=true`.
    func list(_ request: Request) async throws -> Response {
        if let refusal = await refusal(of: request) { return refusal }
        let secret = request.uri.queryParameters["secret"].map { CredentialID(String($0)) }
        let query = RotationQuery(
            credential: secret,
            openOnly: request.uri.queryParameters["open"] == "true",
            limit: Self.limit
        )
        return await answer { () throws(JournalFailure) in
            .json(try await reader.rotations(query).map(RotationSummary.init))
        }
    }

    /// Answers `GET /api/rotations/ID`.
    func show(_ request: Request, id: String) async throws -> Response {
        if let refusal = await refusal(of: request) { return refusal }
        return await answer { () throws(JournalFailure) in
            guard let rotation = try await reader.rotation(RotationID(id)) else {
                return Response(status: .notFound)
            }
            return .json(RotationSummary(rotation))
        }
    }

    /// Answers 503 where the journal does not, which the operator finds in the log.
    private func answer(
        _ read: () async throws(JournalFailure) -> Response
    ) async -> Response {
        do throws(JournalFailure) {
            return try await read()
        } catch {
            logger.error("rotations were not read", metadata: ["failure.reason": "\(error)"])
            return Response(status: .serviceUnavailable, headers: [.retryAfter: "10"])
        }
    }

    private func refusal(of request: Request) async -> Response? {
        guard let token else { return Response(status: .notFound) }
        guard let sent = request.headers[.authorization], sent.hasPrefix("Bearer ") else {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer"])
        }
        do {
            let expected = try await token()
            guard expected.byteCount > 0 else { return Response(status: .serviceUnavailable) }
            let given = Secret(copying: sent.dropFirst("Bearer ".count).utf8)
            return given == expected ? nil : Response(status: .unauthorized)
        } catch {
            return Response(status: .serviceUnavailable)
        }
    }

    private static let limit = 200
}

/// A rotation as the API shows it.
private struct RotationSummary: Encodable {
    struct Carrier: Encodable {
        var vault: String
        var name: String
        var version: String?
    }

    var rotation: String
    var secret: String
    var strategy: String
    var step: String
    var outcome: String?
    var stuck: String?
    var goesBack: String?
    var requestedBy: String
    var acceptedAt: Date
    var completedAt: Date?
    var endedAt: Date?
    var gapSeconds: Double
    var carriers: [Carrier]

    init(_ rotation: Rotation) {
        self.rotation = rotation.id.text
        secret = rotation.plan.credential.text
        strategy = rotation.plan.strategy.rawValue
        step = rotation.step.rawValue
        outcome = rotation.end?.rawValue
        stuck = rotation.heldReason
        goesBack = rotation.gaveUpReason
        requestedBy = rotation.requestedBy
        acceptedAt = rotation.times.acceptedAt
        completedAt = rotation.times.completedAt
        endedAt = rotation.times.endedAt
        gapSeconds = rotation.gapSeconds
        carriers = zip(rotation.plan.carriers, rotation.carriers).map {
            Carrier(
                vault: $0.reference.vault.text,
                name: $0.reference.name.text,
                version: $1.latest?.text
            )
        }
    }
}

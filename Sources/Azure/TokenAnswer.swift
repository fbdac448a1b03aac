import Foundation
import RekeyCore
import RekeyPlatform

/// What a token endpoint answers, of Entra and of a managed identity alike.
///
/// Managed identities write numbers as JSON strings (azure.md §1a).
struct TokenAnswer: Decodable {
    /// Rekey stops using a token this long before its end.
    static let marginSeconds = 300.0
    /// Longer-lived tokens are renewed at half their life.
    static let halfLifeThresholdSeconds = 7200.0

    private let expiresIn: Double?
    private let expiresOn: Double?

    /// The token in `response`, or the failure that it is.
    static func token(
        in response: HTTPResponse,
        now: Date
    ) throws(TokenFailure) -> AccessToken {
        guard response.status == 200 else { throw TokenFailure(response) }
        guard let lifted = LiftedJSON(response.body, lifting: "access_token"),
            let secret = lifted.secret, secret.byteCount > 0,
            // Why it cannot be read does not matter: there is no end to rely on.
            let answer = try? JSONDecoder().decode(TokenAnswer.self, from: lifted.rest),
            let life = answer.lifeSeconds(now), life > 0
        else {
            let detail = "the answer holds no token with an end"
            throw TokenFailure(.permanent, status: response.status, detail: detail)
        }
        let use = life >= halfLifeThresholdSeconds ? life / 2 : max(life - marginSeconds, life / 2)
        return AccessToken(
            secret: secret,
            expires: now.addingTimeInterval(life),
            refreshes: now.addingTimeInterval(use)
        )
    }

    private func lifeSeconds(_ now: Date) -> Double? {
        expiresOn.map { $0 - now.timeIntervalSince1970 } ?? expiresIn
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        expiresIn = container.number(.expiresIn)
        expiresOn = container.number(.expiresOn)
    }

    private enum Key: String, CodingKey {
        case expiresIn = "expires_in"
        case expiresOn = "expires_on"
    }
}

extension KeyedDecodingContainer {
    /// A number, or a string that holds one; anything else is none, hence every `try?`.
    fileprivate func number(_ key: Key) -> Double? {
        if let number = try? decode(Double.self, forKey: key) { return number }
        return (try? decode(String.self, forKey: key)).flatMap(Double.init)
    }
}

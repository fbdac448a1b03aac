import Foundation
import RekeyCore
import RekeyPlatform

/// A token that is to be signed, and how its answer is written.
struct TokenGrant: Sendable {
    enum Shape: Sendable {
        /// As the token endpoint answers: numbers are numbers.
        case entra
        /// As the identity endpoints answer: numbers are texts.
        case identity
    }

    let claims: JSON
    let grant: Grant
    let seconds: Int
    let issuedAt: Date
    let shape: Shape

    init(_ application: ApplicationRecord, audience: String, in world: World, as shape: Shape) {
        seconds = Int(world.settings.tokenSeconds)
        issuedAt = world.now
        let issued = Int(issuedAt.timeIntervalSince1970)
        claims = [
            "aud": .string(audience), "iss": .string(world.issuer), "iat": .integer(issued),
            "nbf": .integer(issued), "exp": .integer(issued + seconds),
            "appid": .string(application.appID), "azp": .string(application.appID),
            "oid": .string(application.servicePrincipalID),
            "sub": .string(application.servicePrincipalID), "tid": .string(world.tenant),
            "uti": .string(UUID().uuidString.lowercased()), "ver": "2.0", "idtyp": "app",
            "roles": .array(application.roles.map(JSON.string)),
        ]
        grant = Grant(
            appID: application.appID,
            audience: audience,
            expires: issuedAt.addingTimeInterval(Double(seconds))
        )
        self.shape = shape
    }

    func body(token: String) -> JSON {
        switch shape {
        case .entra:
            [
                "token_type": "Bearer", "expires_in": .integer(seconds),
                "ext_expires_in": .integer(seconds), "access_token": .string(token),
            ]
        case .identity:
            [
                "token_type": "Bearer", "expires_in": .string(String(seconds)),
                "expires_on": .string(
                    String(Int(issuedAt.timeIntervalSince1970) + seconds)
                ),
                "ext_expires_in": .string(String(seconds)),
                "not_before": .string(String(Int(issuedAt.timeIntervalSince1970))),
                "resource": .string(grant.audience), "client_id": .string(grant.appID),
                "access_token": .string(token),
            ]
        }
    }
}

/// Signs access tokens as Entra does: RS256, with the key set's `kid` in the header.
struct TokenSigner: Sendable {
    let key: PrivateKey
    let keyID: String

    /// Reads the signing key from a PEM file.
    init(keyFile: String, keyID: String) throws {
        let pem = try Data(contentsOf: URL(fileURLWithPath: keyFile))
        key = try PrivateKey(pem: Secret(copying: Array(pem)))
        self.keyID = keyID
    }

    func sign(_ claims: JSON) throws -> String {
        let header: JSON = ["alg": "RS256", "typ": "JWT", "kid": .string(keyID)]
        let text = "\(Base64URL.encode(header.bytes)).\(Base64URL.encode(claims.bytes))"
        let signature = try key.sign(Array(text.utf8), using: .rs256)
        return "\(text).\(Base64URL.encode(signature))"
    }

    /// The public key, as `/discovery/v2.0/keys` shows it; the exponent is OpenSSL's default.
    func keySet(modulus: [UInt8]) -> JSON {
        [
            "keys": [
                [
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(keyID),
                    "n": .string(Base64URL.encode(modulus)), "e": "AQAB",
                ]
            ]
        ]
    }
}

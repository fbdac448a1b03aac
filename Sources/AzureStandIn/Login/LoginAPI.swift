import Foundation

/// Entra's authority: discovery, the token endpoint and the key set (guides: Entra token endpoint).
enum LoginAPI {
    static func operation(of call: Call) -> String {
        switch call.path.last {
        case "token": "token"
        case "keys": "keys"
        default: "discovery"
        }
    }

    /// Answers; a granted token's claims come back in `Answer.token`, to be signed.
    static func answer(
        _ call: Call,
        verdict: AssertionVerdict?,
        in world: inout World
    ) -> Answer {
        switch (call.method, call.path.dropFirst().joined(separator: "/")) {
        case ("POST", "oauth2/v2.0/token"): token(call, verdict: verdict, in: &world)
        case ("GET", "discovery/v2.0/keys"): Answer(200, world.keySet)
        case ("GET", "v2.0/.well-known/openid-configuration"): configuration(call, world)
        case ("GET", "discovery/instance"): instance(call, world)
        default: Answer(404, ["error": "not_found"])
        }
    }

    private static func configuration(_ call: Call, _ world: World) -> Answer {
        guard call.path[0] == world.tenant else {
            return SignInError.unknownTenant(call.path[0]).answer(at: world.now)
        }
        let base = "\(call.origin)/\(world.tenant)"
        return Answer(
            200,
            [
                "token_endpoint": .string("\(base)/oauth2/v2.0/token"),
                "authorization_endpoint": .string("\(base)/oauth2/v2.0/authorize"),
                "device_authorization_endpoint": .string("\(base)/oauth2/v2.0/devicecode"),
                "jwks_uri": .string("\(base)/discovery/v2.0/keys"),
                "issuer": .string(world.issuer),
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post", "private_key_jwt",
                ],
                "response_types_supported": ["code", "id_token", "token"],
                "id_token_signing_alg_values_supported": ["RS256"],
            ]
        )
    }

    /// What older clients ask of the authority before they trust it.
    private static func instance(_ call: Call, _ world: World) -> Answer {
        Answer(
            200,
            [
                "tenant_discovery_endpoint": .string(
                    "\(call.origin)/\(world.tenant)/v2.0/.well-known/openid-configuration"
                ),
                "api-version": "1.1",
                "metadata": [
                    [
                        "preferred_network": .string(call.authority),
                        "preferred_cache": .string(call.authority),
                        "aliases": [.string(call.authority)],
                    ]
                ],
            ]
        )
    }

    private static func token(
        _ call: Call,
        verdict: AssertionVerdict?,
        in world: inout World
    ) -> Answer {
        let form = FormText.decode(String(decoding: call.body, as: UTF8.self))
        let clientID = form["client_id"] ?? ""
        var attempt: [String: JSON] = ["kind": "signIn", "appId": .string(clientID)]
        do {
            let application = try client(clientID, tenant: call.path[0], form: form, in: world)
            let audience = try audience(ofScope: form["scope"] ?? "")
            let proof = try proof(form, verdict, application, in: world, noting: &attempt)
            attempt.merge(proof) { _, new in new }
            attempt["audience"] = .string(audience)
            var answer = Answer(200).changing(.object(attempt))
            answer.principal = clientID
            answer.token = TokenGrant(application, audience: audience, in: world, as: .entra)
            return answer
        } catch {
            attempt["error"] = .string("AADSTS\(error.code)")
            return error.answer(at: world.now).changing(.object(attempt))
        }
    }

    private static func client(
        _ appID: String,
        tenant: String,
        form: [String: String],
        in world: World
    ) throws(SignInError) -> ApplicationRecord {
        guard tenant == world.tenant else { throw .unknownTenant(tenant) }
        guard form["grant_type"] == "client_credentials" else {
            throw .grantType(form["grant_type"] ?? "")
        }
        guard let application = world.applications[appID] else {
            throw .unknownApplication(appID, tenant: tenant)
        }
        guard application.isAccountEnabled else { throw .disabled(appID) }
        return application
    }

    private static func audience(ofScope scope: String) throws(SignInError) -> String {
        let suffix = "/.default"
        guard scope.hasSuffix(suffix), !scope.contains(" ") else { throw .scope(scope) }
        var audience = String(scope.dropLast(suffix.count))
        while audience.hasSuffix("/") { audience.removeLast() }
        return audience
    }

    private static func proof(
        _ form: [String: String],
        _ verdict: AssertionVerdict?,
        _ application: ApplicationRecord,
        in world: World,
        noting attempt: inout [String: JSON]
    ) throws(SignInError) -> [String: JSON] {
        if let verdict {
            switch verdict {
            case .certificate(let keyID):
                return ["credential": "certificate", "keyId": .string(keyID)]
            case .federated(let subject):
                return ["credential": "federated", "subject": .string(subject)]
            case .refused(let error): throw error
            }
        }
        guard let secret = form["client_secret"] else { throw .noCredential }
        attempt["credential"] = "password"
        attempt["digest"] = .string(SecretDigest.hex(secret))
        let matching = application.livePasswords.filter { $0.value == secret }
        let accepted = matching.first {
            $0.isAccepted(
                now: world.now,
                real: world.clock.real,
                lagSeconds: world.settings.passwordLagSeconds
            )
        }
        if let accepted { return ["keyId": .string(accepted.keyID)] }
        throw matching.contains { $0.end <= world.now }
            ? .expiredSecret(application.appID) : .wrongSecret(application.appID)
    }
}

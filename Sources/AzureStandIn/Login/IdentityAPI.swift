/// The identity endpoints of a machine (IMDS) and of App Service, over plain loopback HTTP.
enum IdentityAPI {
    static func operation(of call: Call) -> String { "managedIdentity" }

    static func answer(_ call: Call, in world: inout World) -> Answer {
        switch (call.method, call.rawPath) {
        case ("GET", "/metadata/identity/oauth2/token"):
            // IMDS refuses what a redirect or a proxy could have sent.
            guard call.headers["metadata"]?.lowercased() == "true" else {
                return refusal("Required metadata header not specified")
            }
            guard call.headers["x-forwarded-for"] == nil else {
                return refusal("Requests through a proxy are refused")
            }
        case ("GET", "/msi/token"):
            guard call.headers["x-identity-header"] == world.identityHeader else {
                return Answer(401, ["statusCode": 401, "message": "wrong X-IDENTITY-HEADER"])
            }
        default:
            return Answer(404, ["error": "not_found"])
        }
        return grant(call, in: world)
    }

    private static func grant(_ call: Call, in world: World) -> Answer {
        guard call.query["api-version"] != nil, var resource = call.query["resource"] else {
            return refusal("Parameters api-version and resource are required")
        }
        while resource.hasSuffix("/") { resource.removeLast() }
        let selectors = ["client_id", "object_id", "principal_id"].compactMap { call.query[$0] }
        guard let name = world.identityApplication, let record = world.application(named: name),
            selectors.allSatisfy({ [record.appID, record.servicePrincipalID].contains($0) })
        else { return refusal("Identity not found") }
        var answer = Answer(200).changing([
            "kind": "signIn", "appId": .string(record.appID), "credential": "managedIdentity",
            "audience": .string(resource),
        ])
        answer.principal = record.appID
        answer.token = TokenGrant(record, audience: resource, in: world, as: .identity)
        return answer
    }

    private static func refusal(_ text: String) -> Answer {
        Answer(400, ["error": "invalid_request", "error_description": .string(text)])
    }
}

import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform

/// The application's page in Microsoft Graph: reading it, adding and removing passwords.
actor ApplicationDirectory {
    private let settings: EntraApplicationSettings
    private let client: AzureClient
    private let resource: String
    private var objectID: String?

    init(
        _ settings: EntraApplicationSettings,
        http: any HTTPTransport,
        tokens: any TokenSource
    ) throws(StepFailure) {
        let graph = settings.environment.graph
        guard let origin = WebOrigin(graph), origin.scheme == "https" else {
            let reason = "target \(settings.name): Graph's address is no https address"
            throw StepFailure(.permanent, reason)
        }
        if let fault = settings.fault {
            throw StepFailure(.permanent, "target \(settings.name): \(fault)")
        }
        self.settings = settings
        resource = settings.environment.graphResource
        let name = "target \(settings.name)"
        client = AzureClient(name: name, origin: origin, http: http, tokens: tokens)
    }

    /// One read, which may lag behind what was written.
    func application() async throws(AzureFailure) -> GraphApplication {
        guard let id = objectID ?? settings.objectID else { return try await find() }
        let path = "/v1.0/applications/\(id)?$select=\(GraphApplication.fields)"
        let request = AzureRequest("getApplication", .get, path, effect: .reads)
        let application: GraphApplication
        do throws(AzureFailure) {
            let response = try await client.send(request, for: resource)
            application = try response.decoded(as: GraphApplication.self)
        } catch {
            guard error.status == 404, id == settings.objectID else { throw error }
            let detail =
                id.isSameID(as: settings.applicationID)
                ? "the object id is the application id, which is another number"
                : "no application has this object id"
            throw error.adding(detail)
        }
        guard application.appId.isSameID(as: settings.applicationID) else {
            let detail = "the object id belongs to application \(application.appId)"
            throw client.failure(.permanent, "getApplication", detail)
        }
        objectID = application.id
        return application
    }

    func owners() async throws(AzureFailure) -> [GraphOwner] {
        let path = "/v1.0/applications/\(try await knownObjectID())/owners"
        let request = AzureRequest("listOwners", .get, path, effect: .reads)
        return try await client.list(request, for: resource, of: GraphOwner.self)
    }

    /// Adds a password, one with each call.
    func add(
        displayName: String,
        expires: Date
    ) async throws(AzureFailure) -> (password: AddedPassword, secret: Secret) {
        let end = GraphTime.text(expires)
        let body = AddPassword(
            passwordCredential: .init(displayName: displayName, endDateTime: end)
        )
        let response = try await post("addPassword", body)
        let (password, secret) = try response.decoded(as: AddedPassword.self, lifting: "secretText")
        guard let secret, secret.byteCount > 0 else {
            throw client.failure(.unknown, "addPassword", "the answer holds no value")
        }
        return (password, secret)
    }

    func remove(_ account: AccountID) async throws(AzureFailure) {
        _ = try await post("removePassword", RemovePassword(keyId: account.text))
    }

    func failure(_ kind: StepFailure.Kind, _ operation: String, _ detail: String) -> AzureFailure {
        client.failure(kind, operation, detail)
    }

    private func find() async throws(AzureFailure) -> GraphApplication {
        let filter = "$filter=appId%20eq%20'\(settings.applicationID)'"
        let path = "/v1.0/applications?\(filter)&$select=\(GraphApplication.fields)"
        let request = AzureRequest("listApplications", .get, path, effect: .reads)
        let found = try await client.list(request, for: resource, of: GraphApplication.self)
        guard let application = found.first, found.count == 1 else {
            let detail = "no application has the id \(settings.applicationID)"
            throw client.failure(.permanent, "listApplications", detail)
        }
        objectID = application.id
        return application
    }

    private func knownObjectID() async throws(AzureFailure) -> String {
        if let objectID { return objectID }
        return try await application().id
    }

    private func post(
        _ operation: String,
        _ body: some Encodable
    ) async throws(AzureFailure) -> AzureResponse {
        let path = "/v1.0/applications/\(try await knownObjectID())/\(operation)"
        let content: Secret
        do throws(JSONBody.EncodingFault) { content = try JSONBody.plain(body) } catch {
            throw client.failure(.permanent, operation, error.rawValue)
        }
        let request = AzureRequest(operation, .post, path, body: content, effect: .once)
        return try await client.send(request, for: resource)
    }
}

extension String {
    /// UUIDs are the same whatever the case of their digits.
    func isSameID(as other: String) -> Bool { lowercased() == other.lowercased() }
}

extension AzureFailure {
    fileprivate func adding(_ detail: String) -> AzureFailure {
        AzureFailure(
            kind,
            operation,
            status: status,
            code: code,
            innerCode: innerCode,
            detail: detail,
            retryAfterSeconds: retryAfterSeconds,
            requestID: requestID
        )
    }
}

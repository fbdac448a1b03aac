package import RekeyAzure
package import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// An Azure Key Vault's secrets (azure.md §2).
///
/// What is newest is current: "latest" is a GET without a version and nothing else. A PUT is sent
/// once and inherits nothing. Disabled versions answer 403, so what is known of them comes from
/// the list of versions.
package struct AzureKeyVault: RetaggingVault, AddressedVault {
    /// Key Vault's own limits.
    package static let valueByteLimit = 25 * 1024
    package static let tagLimit = 15
    package static let tagTextLimit = 512
    package static let contentTypeLimit = 255
    package static let nameLimit = 127

    /// The id of a disabled latest version that the list of versions does not settle.
    ///
    /// It equals no version's id, so whoever compares finds drift.
    package static let unsettledVersion: VersionID = ""

    let name: VaultName
    private let origin: WebOrigin
    private let client: AzureClient
    private let admission: VaultAdmission
    private let apiVersion: String

    /// Throws where the address is no https address.
    package init(
        _ settings: AzureKeyVaultSettings,
        http: any HTTPTransport,
        tokens: any TokenSource
    ) throws(StepFailure) {
        guard let origin = WebOrigin(settings.url), origin.scheme == "https" else {
            let reason = "vault \(settings.name): the address is no https address"
            throw StepFailure(.permanent, reason)
        }
        name = settings.name
        self.origin = origin
        apiVersion = settings.apiVersion
        client = AzureClient(
            name: "vault \(settings.name)",
            origin: origin,
            http: http,
            tokens: tokens,
            throttle: RequestThrottle(reads: settings.reads, writes: settings.writes),
            timeout: settings.timeout
        )
        admission = VaultAdmission(settings, origin: origin, client: client)
    }

    package func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        do throws(AzureFailure) {
            return try await bundle("getSecret \(name)", try path(name))?.version
        } catch {
            guard error.hasCode("SecretDisabled") else { throw StepFailure(error) }
            return try await disabledLatest(name)
        }
    }

    package func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        do throws(AzureFailure) {
            return try await bundle("getSecret \(name)", try path(name, id))?.version
        } catch {
            guard error.hasCode("SecretDisabled") else { throw StepFailure(error) }
            let listed = try await versions(of: name).first { $0.id == id }
            return listed ?? VaultVersion(id: id, value: nil, isEnabled: false)
        }
    }

    package func write(
        _ entry: VaultEntry,
        as name: SecretName
    ) async throws(StepFailure) -> VersionID {
        if let refusal = entry.refusal { throw failure(.permanent, "setSecret \(name)", refusal) }
        do throws(AzureFailure) {
            let body: Secret
            do throws(JSONBody.EncodingFault) {
                body = try JSONBody.object("value", entry.value, and: SetParameters(entry))
            } catch {
                throw client.failure(.permanent, "setSecret \(name)", error.rawValue)
            }
            let operation = "setSecret \(name)"
            let path = try path(name)
            let request = AzureRequest(operation, .put, path, body: body, effect: .once)
            let response = try await send(request)
            let (bundle, _) = try response.decoded(as: SecretBundle.self, lifting: "value")
            guard let id = bundle.versionID else {
                throw client.failure(.unknown, operation, "the answer names no version")
            }
            return id
        } catch {
            throw StepFailure(error).asWriteConflict(error)
        }
    }

    package func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await update(id, of: name, .disabling)
    }

    package func retag(
        _ id: VersionID,
        of name: SecretName,
        with tags: [String: String]
    )
        async throws(StepFailure)
    {
        try await update(id, of: name, UpdateParameters(tags: tags))
    }

    private func update(
        _ id: VersionID,
        of name: SecretName,
        _ parameters: UpdateParameters
    ) async throws(StepFailure) {
        do throws(AzureFailure) {
            let operation = "updateSecret \(name)"
            let body: Secret
            do throws(JSONBody.EncodingFault) {
                body = try JSONBody.plain(parameters)
            } catch {
                throw client.failure(.permanent, operation, error.rawValue)
            }
            let path = try path(name, id)
            let request = AzureRequest(operation, .patch, path, body: body, effect: .repeatable)
            _ = try await send(request)
        } catch {
            throw StepFailure(error)
        }
    }

    /// Sends with a token for what the vault's own challenge named.
    func send(_ request: AzureRequest) async throws(AzureFailure) -> AzureResponse {
        let resource = try await admission.resource(asking: request.path)
        do throws(AzureFailure) {
            return try await client.send(request, for: resource)
        } catch {
            // The vault may have moved to another tenant: it is asked anew next time.
            if error.status == 401 { await admission.forget() }
            throw error
        }
    }

    /// Every page of a list.
    func list<Element: Decodable & Sendable>(
        _ operation: String,
        _ path: String,
        of type: Element.Type
    ) async throws(AzureFailure) -> [Element] {
        let resource = try await admission.resource(asking: path)
        let request = AzureRequest(operation, .get, path, effect: .reads)
        return try await client.list(request, for: resource, of: type)
    }

    /// A secret with its value; nil where there is none of this name or version.
    func bundle(
        _ operation: String,
        _ path: String
    ) async throws(AzureFailure) -> (bundle: SecretBundle, version: VaultVersion)? {
        let request = AzureRequest(operation, .get, path, effect: .reads)
        let response: AzureResponse
        do throws(AzureFailure) { response = try await send(request) } catch {
            // A bare 404 is somebody else's, such as a proxy's: it does not mean "absent".
            if error.status == 404, error.hasCode("SecretNotFound") { return nil }
            throw error
        }
        let (bundle, value) = try response.decoded(as: SecretBundle.self, lifting: "value")
        guard let version = bundle.version(value: value) else {
            throw client.failure(.permanent, operation, "the answer names no version")
        }
        return (bundle, version)
    }

    package func uri(of id: VersionID, _ name: SecretName) -> String? {
        guard id.text.isVaultName(limit: Self.nameLimit) else { return nil }
        return "\(origin)/secrets/\(name)/\(id)"
    }

    func failure(_ kind: StepFailure.Kind, _ operation: String, _ detail: String) -> StepFailure {
        StepFailure(client.failure(kind, operation, detail))
    }

    /// The path of a secret, of its versions' list, or of one version, after a look at the names.
    func path(
        _ name: SecretName,
        _ version: VersionID? = nil,
        under collection: String = "secrets"
    ) throws(AzureFailure) -> String {
        guard name.text.isVaultName(limit: Self.nameLimit) else {
            let detail = "a secret's name is 1 to \(Self.nameLimit) letters, digits and hyphens"
            throw client.failure(.permanent, "secret name", detail)
        }
        let end: String
        if let version {
            guard version.text.isVaultName(limit: Self.nameLimit) else {
                throw client.failure(.permanent, "secret \(name)", "a version's id is misspelt")
            }
            end = "/\(version.text)"
        } else {
            end = ""
        }
        return "/\(collection)/\(name.text)\(end)?api-version=\(apiVersion)"
    }
}

extension String {
    /// Key Vault's pattern for names, `^[0-9a-zA-Z-]+$`.
    fileprivate func isVaultName(limit: Int) -> Bool {
        (1...limit).contains(utf8.count)
            && utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension VaultEntry {
    /// What Key Vault would refuse, said before anything is sent.
    fileprivate var refusal: String? {
        if value.byteCount > AzureKeyVault.valueByteLimit {
            return "the value is longer than \(AzureKeyVault.valueByteLimit) bytes"
        }
        if tags.count > AzureKeyVault.tagLimit {
            return "more than \(AzureKeyVault.tagLimit) tags"
        }
        let limit = AzureKeyVault.tagTextLimit
        if tags.contains(where: { $0.key.count > limit || $0.value.count > limit }) {
            return "a tag is longer than \(limit) characters"
        }
        if let contentType, contentType.count > AzureKeyVault.contentTypeLimit {
            return "the content type is longer than \(AzureKeyVault.contentTypeLimit) characters"
        }
        return nil
    }
}

extension StepFailure {
    /// What a 409 to a PUT means (azure.md §2, soft delete).
    fileprivate func asWriteConflict(_ failure: AzureFailure) -> StepFailure {
        guard failure.status == 409 else { return self }
        if failure.hasCode("ObjectIsDeletedButRecoverable") {
            return StepFailure(.permanent, "\(reason), recover or purge the deleted secret first")
        }
        // Being deleted, being recovered, or written by two at once: nothing was done, and it ends.
        return StepFailure(.transient, reason, retryAfterSeconds: retryAfterSeconds)
    }
}

import Foundation

/// Applications with their credentials: generated ones are left where tests find them.
extension WorldBuilder {
    func application(
        _ declared: Scenario.Application,
        at time: Date
    ) async throws -> ApplicationRecord {
        let name = declared.name
        guard name.wholeMatch(of: /[0-9a-zA-Z._-]+/) != nil else {
            throw ControlRefusal("applications: \(name) is no name")
        }
        var record = ApplicationRecord(
            name: name,
            appID: (declared.appId ?? StableID.uuid("application/\(name)")).lowercased(),
            objectID: (declared.objectId ?? StableID.uuid("object/\(name)")).lowercased(),
            servicePrincipalID: (declared.servicePrincipalId ?? StableID.uuid("principal/\(name)"))
                .lowercased(),
            displayName: declared.displayName ?? name,
            signInAudience: declared.signInAudience ?? "AzureADMyOrg",
            owners: declared.owners ?? [],
            createdAt: time
        )
        record.graphRights = Set(declared.graph ?? [])
        record.armRights = Set(declared.arm ?? [])
        record.roles = declared.roles ?? []
        for (index, password) in (declared.passwords ?? []).enumerated() {
            let added = try self.password(password, application: name, number: index, at: time)
            // Initial passwords have long been replicated.
            record.passwords.append(added.record(addedAt: .distantPast))
        }
        for (index, path) in (declared.certificates ?? []).enumerated() {
            record.certificates.append(try await certificate(path, of: name, number: index))
        }
        for federated in declared.federated ?? [] {
            record.federated.append(try await self.federated(federated, of: name))
        }
        return record
    }

    /// A password that is yet to be added to its application.
    struct NewPassword: Sendable {
        let displayName: String?
        let value: String
        let start: Date
        let end: Date
        /// Where a generated value was written.
        let file: String?

        func record(addedAt: Date) -> PasswordRecord {
            PasswordRecord(
                keyID: UUID().uuidString.lowercased(),
                displayName: displayName,
                start: start,
                end: end,
                value: value,
                addedAt: addedAt
            )
        }
    }

    func password(
        _ declared: Scenario.Password,
        application name: String,
        number: Int,
        at time: Date
    ) throws -> NewPassword {
        let place = "applications.\(name).passwords[\(number)]"
        let source = try ValueSource.value(declared.valueFrom, place: place)
        let path = "\(directory)/private/passwords/\(name)-\(number)"
        let value = source.isNew ? GraphAPI.newValue() : source.value
        if source.isNew { try ValueSource.write(value, to: path) }
        let days = declared.lifetimeDays ?? WorldBuilder.defaultLifetimeDays
        return NewPassword(
            displayName: declared.displayName,
            value: value,
            start: min(time, time.addingTimeInterval(days * 86_400)),
            end: time.addingTimeInterval(days * 86_400),
            file: source.isNew ? path : nil
        )
    }

    private func certificate(
        _ path: String,
        of name: String,
        number: Int
    ) async throws -> CertificateRecord {
        let folder = "\(directory)/private/certificates"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        var file = path
        if path == "generate" {
            file = number == 0 ? "\(folder)/\(name).pem" : "\(folder)/\(name)-\(number).pem"
            if !FileManager.default.fileExists(atPath: file) {
                try await certificates.makeClientCertificate(file, name: name)
            }
        }
        return CertificateRecord(
            keyID: StableID.uuid("certificate/\(name)/\(number)"),
            thumbprint: try await certificates.tool.fingerprint(
                ofCertificate: file,
                digest: "sha1"
            ),
            thumbprint256: try await certificates.tool.fingerprint(
                ofCertificate: file,
                digest: "sha256"
            ),
            publicKeyFile: try await certificates.publicKeyFile(
                ofCertificate: file,
                at: "\(folder)/\(name)-\(number).public"
            )
        )
    }

    /// Without an issuer the stand-in itself vouches for the subject, with its signing key.
    private func federated(
        _ declared: Scenario.Federated,
        of name: String
    ) async throws -> FederatedRecord {
        if let issuer = declared.issuer {
            guard let key = declared.publicKey else {
                throw ControlRefusal("applications.\(name).federated: publicKey is missing")
            }
            return FederatedRecord(
                subject: declared.subject,
                issuer: issuer,
                audience: declared.audience ?? WorldBuilder.defaultFederatedAudience,
                publicKeyFile: key
            )
        }
        let key = "\(directory)/private/signing.public"
        if !FileManager.default.fileExists(atPath: key) {
            let pem = try await certificates.tool.run(
                "read the signing key",
                ["rsa", "-in", certificates.signingKeyFile, "-pubout"]
            )
            try Data(pem).write(to: URL(fileURLWithPath: key))
        }
        let record = FederatedRecord(
            subject: declared.subject,
            issuer: "https://azure-standin.invalid/workloads",
            audience: declared.audience ?? WorldBuilder.defaultFederatedAudience,
            publicKeyFile: key
        )
        try writeToken(of: record, to: "\(directory)/private/federated/\(name).jwt")
        return record
    }

    private func writeToken(of record: FederatedRecord, to path: String) throws {
        let signer = try TokenSigner(
            keyFile: certificates.signingKeyFile,
            keyID: "workloads"
        )
        let now = Int(Date().timeIntervalSince1970)
        let token = try signer.sign([
            "iss": .string(record.issuer), "sub": .string(record.subject),
            "aud": .string(record.audience), "iat": .integer(now), "nbf": .integer(now),
            "exp": .integer(now + 30 * 86_400),
        ])
        try ValueSource.write(token, to: path)
    }
}

import Foundation
import RekeyPlatform

/// A JSON Web Token that a client presents instead of a secret, read but not yet believed.
struct ClientAssertion: Sendable {
    let header: JSON
    let claims: JSON
    /// What the signature covers.
    let signedBytes: [UInt8]
    let signature: [UInt8]

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3,
            let header = Base64URL.decode(parts[0]).flatMap({ JSON(parsing: $0) }),
            let claims = Base64URL.decode(parts[1]).flatMap({ JSON(parsing: $0) }),
            let signature = Base64URL.decode(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signedBytes = Array("\(parts[0]).\(parts[1])".utf8)
    }

    var algorithm: String { header["alg"]?.string ?? "" }
    var issuer: String { claims["iss"]?.string ?? "" }
    var subject: String { claims["sub"]?.string ?? "" }
    var audience: String { claims["aud"]?.string ?? "" }

    /// Whether `exp` is to come and `nbf` is past; both may be fractions.
    func isValid(at time: Date) -> Bool {
        guard let expires = claims["exp"]?.double else { return false }
        let seconds = time.timeIntervalSince1970
        return expires > seconds && (claims["nbf"]?.double ?? 0) <= seconds + 300
    }

    /// The certificate that the header names by `x5t#S256` or by the older `x5t`.
    func certificate(of application: ApplicationRecord) -> CertificateRecord? {
        if let thumbprint = thumbprint("x5t#S256") {
            return application.certificates.first { $0.thumbprint256 == thumbprint }
        }
        guard let thumbprint = thumbprint("x5t") else { return nil }
        return application.certificates.first { $0.thumbprint == thumbprint }
    }

    /// MSAL for Python pads what others do not (msal 1.39, oauth2cli).
    private func thumbprint(_ field: String) -> String? {
        guard let text = header[field]?.string else { return nil }
        return Base64URL.decode(text.replacing("=", with: "")).map(Hex.encode)
    }
}

/// What a client assertion turned out to be.
enum AssertionVerdict: Sendable {
    case certificate(keyID: String)
    case federated(subject: String)
    case refused(SignInError)
}

/// Checks the signatures of client assertions.
struct AssertionVerifier: Sendable {
    let tool: OpenSSLTool

    func verdict(
        on text: String,
        for application: ApplicationRecord,
        tenant: String,
        now: Date
    ) async throws -> AssertionVerdict {
        guard let assertion = ClientAssertion(text),
            ["RS256", "PS256"].contains(assertion.algorithm)
        else { return .refused(.badAssertion) }
        guard assertion.isValid(at: now) else { return .refused(.assertionOutOfTime) }
        if assertion.issuer == application.appID, assertion.subject == application.appID {
            return try await certificateVerdict(assertion, application, tenant)
        }
        return try await federatedVerdict(assertion, application)
    }

    private func certificateVerdict(
        _ assertion: ClientAssertion,
        _ application: ApplicationRecord,
        _ tenant: String
    ) async throws -> AssertionVerdict {
        let ends = ["/\(tenant)/oauth2/v2.0/token", "/\(tenant)/v2.0"]
        guard ends.contains(where: { assertion.audience.hasSuffix($0) }) else {
            return .refused(.wrongAudience)
        }
        guard let certificate = assertion.certificate(of: application),
            try await isSigned(assertion, by: certificate.publicKeyFile)
        else { return .refused(.badSignature) }
        return .certificate(keyID: certificate.keyID)
    }

    private func federatedVerdict(
        _ assertion: ClientAssertion,
        _ application: ApplicationRecord
    ) async throws -> AssertionVerdict {
        let record = application.federated.first {
            $0.issuer == assertion.issuer && $0.subject == assertion.subject
                && $0.audience == assertion.audience
        }
        guard let record else { return .refused(.noFederatedCredential) }
        guard try await isSigned(assertion, by: record.publicKeyFile) else {
            return .refused(.badSignature)
        }
        return .federated(subject: record.subject)
    }

    private func isSigned(_ assertion: ClientAssertion, by keyFile: String) async throws -> Bool {
        try await tool.verify(
            assertion.signedBytes,
            signature: assertion.signature,
            keyFile: keyFile,
            isPSS: assertion.algorithm == "PS256"
        )
    }
}

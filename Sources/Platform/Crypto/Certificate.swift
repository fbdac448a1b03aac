import COpenSSL
package import Foundation

/// An X.509 certificate.
///
/// Two are equal when their bytes are.
package struct Certificate: Sendable {
    /// A longer PEM or DER is refused.
    package static let byteLimit = 64 * 1024

    /// The certificate as it was signed.
    package let der: [UInt8]

    /// The subject as RFC 2253 writes it, such as `CN=site-7,O=Example`.
    package let subject: String
    package let notBefore: Date
    package let notAfter: Date

    /// The serial number in upper-case hexadecimal digits.
    package let serial: String
    package let publicKey: PublicKey
    let x509: X509Certificate

    /// Reads the first certificate of a PEM text, whatever stands around it.
    package init(pem: [UInt8]) throws(CryptoFailure) {
        ERR_clear_error()
        guard pem.count <= Self.byteLimit else {
            throw CryptoFailure(.malformed, "certificate longer than \(Self.byteLimit) bytes")
        }
        let bio = try MemoryBIO(copying: pem)
        let pointer = unsafe bio.withBIO { unsafe PEM_read_bio_X509($0, nil, nil, nil) }
        guard let pointer = unsafe pointer else {
            throw CryptoFailure(.malformed, "PEM_read_bio_X509")
        }
        try self.init(unsafe X509Certificate(owning: pointer))
    }

    package init(der: [UInt8]) throws(CryptoFailure) {
        ERR_clear_error()
        guard der.count <= Self.byteLimit else {
            throw CryptoFailure(.malformed, "certificate longer than \(Self.byteLimit) bytes")
        }
        let bio = try MemoryBIO(copying: der)
        guard let pointer = unsafe bio.withBIO({ unsafe d2i_X509_bio($0, nil) }) else {
            throw CryptoFailure(.malformed, "d2i_X509_bio")
        }
        try self.init(unsafe X509Certificate(owning: pointer))
        guard self.der == der else {
            throw CryptoFailure(.malformed, "bytes after the certificate")
        }
    }

    init(_ x509: X509Certificate) throws(CryptoFailure) {
        self.x509 = x509
        der = try x509.der()
        subject = try x509.subject()
        (notBefore, notAfter) = try x509.validity()
        serial = try x509.serial()
        publicKey = PublicKey(pkey: try x509.publicKey())
    }

    /// Azure's and JOSE's thumbprint (`x5t`): SHA-1 over the DER.
    package var sha1Thumbprint: [UInt8] { Digest.sha1(der) }

    /// The thumbprint `x5t#S256`: SHA-256 over the DER.
    package var sha256Thumbprint: [UInt8] { Digest.sha256(der) }

    /// The certificate in PEM, with a line break at its end.
    package var pem: String {
        let encoded = Data(der).base64EncodedString(options: [
            .lineLength64Characters, .endLineWithLineFeed,
        ])
        return "-----BEGIN CERTIFICATE-----\n\(encoded)\n-----END CERTIFICATE-----\n"
    }

    package func matches(_ key: PrivateKey) -> Bool {
        let code = unsafe x509.withPointer { x509 in
            unsafe key.pkey.withPointer { unsafe X509_check_private_key(x509, $0) }
        }
        ERR_clear_error()
        return code == 1
    }
}

extension Certificate: Equatable, Hashable {
    package static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }

    package func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

extension Certificate: CustomStringConvertible {
    package var description: String { "\(subject), serial \(serial)" }
}

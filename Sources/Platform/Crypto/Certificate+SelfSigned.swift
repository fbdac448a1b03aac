import COpenSSL
import Foundation

extension Certificate {
    /// What a certificate is for, as its extensions say.
    package enum Purpose: Sendable {
        /// Signing events and audit heads.
        case signing
        /// Receiving sealed bodies. `Protect-CmsMessage` asks for this extended usage.
        case sealing
        /// A TLS server with these names; addresses as `IP:127.0.0.1`, names as `DNS:localhost`.
        case server([String])
    }

    /// A certificate that vouches for itself, valid from a little before now.
    ///
    /// The common name has at most 64 bytes (RFC 5280, `ub-common-name`).
    package static func selfSigned(
        commonName: String,
        key: PrivateKey,
        validFor duration: Duration,
        purpose: Purpose = .signing
    ) throws(CryptoFailure) -> Certificate {
        ERR_clear_error()
        guard let pointer = unsafe X509_new() else { throw CryptoFailure(.library, "X509_new") }
        let x509 = unsafe X509Certificate(owning: pointer)
        try unsafe setNumbers(of: pointer, validFor: duration)
        try unsafe setNames(of: pointer, to: commonName)
        let keyCode = unsafe key.pkey.withPointer { unsafe X509_set_pubkey(pointer, $0) }
        guard keyCode == 1 else { throw CryptoFailure(.library, "X509_set_pubkey") }
        for (nid, value) in extensions(for: purpose) {
            guard unsafe rekey_add_extension(pointer, nid, value) == 1 else {
                throw CryptoFailure(.unsupported, "X509V3_EXT_nconf_nid \(nid)")
            }
        }
        let size = unsafe key.pkey.withPointer { unsafe X509_sign(pointer, $0, EVP_sha256()) }
        guard size > 0 else { throw CryptoFailure(.library, "X509_sign") }
        return try Certificate(x509)
    }

    /// How far a clock may lie behind ours and still take the certificate for valid.
    private static let clockToleranceSeconds = 300

    /// RFC 5280 §4.1.2.2 allows 20 octets; these are 16, the first below 128 so it is positive.
    private static let serialByteCount = 16

    private static func setNumbers(
        of pointer: OpaquePointer,
        validFor duration: Duration
    ) throws(CryptoFailure) {
        var serial = RandomBytes.array(count: serialByteCount)
        serial[0] = serial[0] & 0x7F | 0x40
        let number = unsafe BN_bin2bn(serial, Int32(serial.count), nil)
        defer { unsafe BN_free(number) }
        guard unsafe X509_set_version(pointer, Int(X509_VERSION_3)) == 1,
            unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil,
            unsafe X509_gmtime_adj(X509_getm_notBefore(pointer), -clockToleranceSeconds) != nil,
            unsafe X509_gmtime_adj(
                X509_getm_notAfter(pointer),
                Int(duration.components.seconds)
            ) != nil
        else { throw CryptoFailure(.library, "X509_gmtime_adj") }
    }

    private static func setNames(
        of pointer: OpaquePointer,
        to commonName: String
    ) throws(CryptoFailure) {
        let name = unsafe X509_get_subject_name(pointer)
        let count = Int32(clamping: commonName.utf8.count)
        guard unsafe rekey_add_common_name(name, commonName, count) == 1 else {
            throw CryptoFailure(.unsupported, "X509_NAME_add_entry_by_NID")
        }
        guard unsafe X509_set_issuer_name(pointer, name) == 1 else {
            throw CryptoFailure(.library, "X509_set_issuer_name")
        }
    }

    private static func extensions(for purpose: Purpose) -> [(nid: Int32, value: String)] {
        let common = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_subject_key_identifier, "hash"),
        ]
        return switch purpose {
        case .signing:
            common + [(NID_key_usage, "critical,digitalSignature")]
        case .sealing:
            common + [
                (NID_key_usage, "critical,keyEncipherment,dataEncipherment,keyAgreement"),
                (NID_ext_key_usage, "1.3.6.1.4.1.311.80.1"),
            ]
        case .server(let names):
            common + [
                (NID_key_usage, "critical,digitalSignature,keyEncipherment"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, names.joined(separator: ",")),
            ]
        }
    }
}

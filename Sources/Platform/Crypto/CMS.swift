import COpenSSL
package import RekeyCore

/// Cryptographic Message Syntax (RFC 5652), in DER.
package enum CMS {
    /// A longer input is refused.
    package static let byteLimit = 16 * 1024 * 1024

    /// Seals `content` for the owner of `certificate`: EnvelopedData with AES-256-CBC.
    ///
    /// It says nothing about who sealed it: sign the result. `openssl cms -decrypt -inform DER`
    /// opens it.
    package static func encrypt(
        _ content: Secret,
        to certificate: Certificate
    ) throws(CryptoFailure) -> [UInt8] {
        ERR_clear_error()
        let bio = try MemoryBIO(copying: content)
        let recipients = try CertificateStack(certificate)
        let pointer = unsafe bio.withBIO { bio in
            unsafe recipients.withPointer {
                unsafe CMS_encrypt($0, bio, EVP_aes_256_cbc(), UInt32(CMS_BINARY))
            }
        }
        guard let pointer = unsafe pointer else { throw CryptoFailure(.unsupported, "CMS_encrypt") }
        return try unsafe CMSContent(owning: pointer).der()
    }

    /// Opens what was sealed for `certificate`, whose private half is `key`.
    package static func decrypt(
        _ der: [UInt8],
        certificate: Certificate,
        key: PrivateKey
    ) throws(CryptoFailure) -> Secret {
        let sealed = try CMSContent(der: der)
        guard sealed.type == NID_pkcs7_enveloped else {
            throw CryptoFailure(.malformed, "no EnvelopedData")
        }
        guard certificate.matches(key) else {
            throw CryptoFailure(.mismatch, "the certificate is not this key's")
        }
        let content = try MemoryBIO()
        let code = unsafe content.withBIO { bio in
            unsafe sealed.withPointer { cms in
                unsafe key.pkey.withPointer { pkey in
                    unsafe certificate.x509.withPointer { x509 in
                        unsafe CMS_decrypt(cms, pkey, x509, nil, bio, UInt32(CMS_BINARY))
                    }
                }
            }
        }
        guard code == 1 else { throw CryptoFailure(.mismatch, "CMS_decrypt") }
        return content.secret
    }

    /// Signs `content`: SignedData that holds it, the certificate and signed attributes.
    package static func sign(
        _ content: [UInt8],
        certificate: Certificate,
        key: PrivateKey
    ) throws(CryptoFailure) -> [UInt8] {
        ERR_clear_error()
        let bio = try MemoryBIO(copying: content)
        let flags = UInt32(CMS_BINARY | CMS_NOSMIMECAP)
        let pointer = unsafe bio.withBIO { bio in
            unsafe certificate.x509.withPointer { x509 in
                unsafe key.pkey.withPointer { pkey in
                    unsafe CMS_sign(x509, pkey, nil, bio, flags)
                }
            }
        }
        guard let pointer = unsafe pointer else { throw CryptoFailure(.mismatch, "CMS_sign") }
        return try unsafe CMSContent(owning: pointer).der()
    }

    /// Returns what was signed, and by whom, where the only signer is one of `pinned`.
    ///
    /// Certificates that the message brings along are not looked at, no chain is built, and dates
    /// are not checked: what is pinned is believed until it is no longer pinned.
    package static func verify(
        _ der: [UInt8],
        pinned: [Certificate]
    ) throws(CryptoFailure) -> (content: [UInt8], signer: Certificate) {
        let signed = try CMSContent(der: der)
        guard signed.type == NID_pkcs7_signed else {
            throw CryptoFailure(.malformed, "no SignedData")
        }
        let claimed = try signed.claimedSigner(among: pinned)
        let candidates = try CertificateStack(claimed)
        let content = try MemoryBIO()
        let flags = UInt32(CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY)
        let code = unsafe content.withBIO { bio in
            unsafe signed.withPointer { cms in
                unsafe candidates.withPointer { candidates in
                    unsafe CMS_verify(cms, candidates, nil, nil, bio, flags)
                }
            }
        }
        guard code == 1 else { throw CryptoFailure(.mismatch, "CMS_verify") }
        return (content.bytes, claimed)
    }
}

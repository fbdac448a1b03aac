import COpenSSL

/// A `CMS_ContentInfo` with one owner.
@safe struct CMSContent: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over the reference that the caller had.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    init(der: [UInt8]) throws(CryptoFailure) {
        ERR_clear_error()
        guard der.count <= CMS.byteLimit else {
            throw CryptoFailure(.malformed, "CMS longer than \(CMS.byteLimit) bytes")
        }
        let bio = try MemoryBIO(copying: der)
        guard let pointer = unsafe bio.withBIO({ unsafe d2i_CMS_bio($0, nil) }) else {
            throw CryptoFailure(.malformed, "d2i_CMS_bio")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe CMS_ContentInfo_free(pointer) }

    func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(pointer) }

    /// The content's `NID_…`.
    var type: Int32 { unsafe OBJ_obj2nid(CMS_get0_type(pointer)) }

    func der() throws(CryptoFailure) -> [UInt8] {
        let bio = try MemoryBIO()
        guard unsafe bio.withBIO({ unsafe i2d_CMS_bio($0, pointer) }) == 1 else {
            throw CryptoFailure(.library, "i2d_CMS_bio")
        }
        return bio.bytes
    }

    /// The pinned certificate that the only signer names, which proves nothing yet.
    ///
    /// A signature without signed attributes is refused: its content could be the attributes of
    /// another (RFC 5652 §11, and the attack of RFC 8933's authors on their absence).
    func claimedSigner(among pinned: [Certificate]) throws(CryptoFailure) -> Certificate {
        guard unsafe rekey_signers_count(pointer) == 1,
            let signer = unsafe rekey_signers_at(pointer, 0)
        else { throw CryptoFailure(.malformed, "not exactly one signer") }
        guard unsafe CMS_signed_get_attr_count(signer) > 0 else {
            throw CryptoFailure(.malformed, "no signed attributes")
        }
        let claimed = pinned.first { certificate in
            unsafe certificate.x509.withPointer { unsafe CMS_SignerInfo_cert_cmp(signer, $0) } == 0
        }
        guard let claimed else { throw CryptoFailure(.notPinned, "CMS_SignerInfo_cert_cmp") }
        return claimed
    }
}

/// A `STACK_OF(X509)` of one certificate, which it keeps alive.
@safe struct CertificateStack: ~Copyable {
    private let pointer: OpaquePointer
    private let certificate: Certificate

    init(_ certificate: Certificate) throws(CryptoFailure) {
        let pointer = unsafe rekey_certificates_new()
        let count = unsafe certificate.x509.withPointer {
            unsafe rekey_certificates_push(pointer, $0)
        }
        guard let pointer = unsafe pointer, count == 1 else {
            unsafe rekey_certificates_free(pointer)
            throw CryptoFailure(.library, "sk_X509_push")
        }
        unsafe self.pointer = pointer
        self.certificate = certificate
    }

    deinit { unsafe rekey_certificates_free(pointer) }

    func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(pointer) }
}

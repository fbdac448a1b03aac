import COpenSSL

/// An `EVP_PKEY` with its owners counted.
///
/// Sendable because nothing changes it after `init`, and OpenSSL 3 allows its use from several
/// threads, each with a context of its own (`openssl-threads(7)`).
@safe final class PKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes over the reference that the caller had.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }

    func withPointer<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(pointer)
    }

    var bitCount: Int { Int(unsafe EVP_PKEY_get_bits(pointer)) }

    func suits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch algorithm {
        case .rs256, .ps256: unsafe EVP_PKEY_is_a(pointer, "RSA") == 1
        case .ecdsaSHA256: unsafe EVP_PKEY_is_a(pointer, "EC") == 1
        }
    }
}

/// An `EVP_MD_CTX` with one owner, set up for one signature.
@safe struct SignatureContext: ~Copyable {
    private let context: OpaquePointer

    /// Begins to sign or to verify with `pkey`, as `algorithm` says.
    init(
        _ pkey: PKey,
        _ algorithm: SignatureAlgorithm,
        begin: (
            OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>?, OpaquePointer?, OpaquePointer?,
            OpaquePointer?
        ) -> Int32
    ) throws(CryptoFailure) {
        ERR_clear_error()
        guard pkey.suits(algorithm) else {
            throw CryptoFailure(.unsupported, "\(algorithm.rawValue) with this kind of key")
        }
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw CryptoFailure(.library, "EVP_MD_CTX_new")
        }
        var parameters: OpaquePointer?
        var code = unsafe pkey.withPointer {
            unsafe begin(context, &parameters, EVP_sha256(), nil, $0)
        }
        if code == 1, algorithm == .ps256 {
            code = unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING)
        }
        if code == 1, algorithm == .ps256 {
            code = unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST)
        }
        guard code == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw CryptoFailure(.library, "EVP_DigestSignInit")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func withContext<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(context) }
}

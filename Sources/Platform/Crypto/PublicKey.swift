import COpenSSL

/// The public half of a pair, for checking signatures.
package struct PublicKey: Sendable {
    /// RFC 7518 §3.3 asks for 2048 bits or more; the longest is OpenSSL's limit.
    package static let modulusBits = 2048...16384

    let pkey: PKey

    init(pkey: PKey) { self.pkey = pkey }

    /// An RSA key from the big-endian numbers of a JSON Web Key, `n` and `e`.
    package init(modulus: [UInt8], exponent: [UInt8]) throws(CryptoFailure) {
        ERR_clear_error()
        guard modulus.count <= Self.modulusBits.upperBound / 8, (1...8).contains(exponent.count)
        else { throw CryptoFailure(.malformed, "RSA numbers of impossible length") }
        pkey = try Self.rsa(modulus, exponent)
        guard Self.modulusBits.contains(pkey.bitCount) else {
            throw CryptoFailure(.unsupported, "RSA modulus of \(pkey.bitCount) bits")
        }
    }

    /// Whether `signature` is that of `bytes`.
    ///
    /// A malformed signature is a wrong one.
    package func verify(
        _ signature: [UInt8],
        of bytes: [UInt8],
        using algorithm: SignatureAlgorithm
    ) throws(CryptoFailure) -> Bool {
        let context = try unsafe SignatureContext(pkey, algorithm, begin: EVP_DigestVerifyInit)
        let code = unsafe context.withContext {
            unsafe EVP_DigestVerify($0, signature, signature.count, bytes, bytes.count)
        }
        ERR_clear_error()
        return code == 1
    }

    /// The `SubjectPublicKeyInfo` (RFC 5280 §4.1) in DER.
    package func der() throws(CryptoFailure) -> [UInt8] {
        ERR_clear_error()
        let bio = try MemoryBIO()
        let code = unsafe bio.withBIO { bio in
            unsafe pkey.withPointer { unsafe i2d_PUBKEY_bio(bio, $0) }
        }
        guard code == 1 else { throw CryptoFailure(.library, "i2d_PUBKEY_bio") }
        return bio.bytes
    }

    private static func rsa(_ modulus: [UInt8], _ exponent: [UInt8]) throws(CryptoFailure) -> PKey {
        let n = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil)
        let e = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
        defer {
            unsafe BN_free(n)
            unsafe BN_free(e)
        }
        guard let pointer = unsafe rekey_rsa_public(n, e) else {
            throw CryptoFailure(.malformed, "EVP_PKEY_fromdata")
        }
        return unsafe PKey(owning: pointer)
    }
}

import COpenSSL
package import RekeyCore

/// Hashes, as OpenSSL computes them.
package enum Digest {
    package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        return unsafe bytes.withUnsafeBytes { unsafe sha256($0) }
    }

    /// The hash of a secret, which tells whoever can guess the secret that he guessed right.
    package static func sha256(_ secret: Secret) -> [UInt8] {
        secret.reveal { span in unsafe span.withUnsafeBytes { unsafe sha256($0) } }
    }

    /// SHA-1, which is broken for signatures: for certificate thumbprints (`x5t`) only.
    package static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        unsafe SHA1(bytes, bytes.count, &digest)
        return digest
    }

    /// HMAC-SHA-256 (RFC 2104).
    package static func hmacSHA256(key: Secret, message: some Sequence<UInt8>) -> [UInt8] {
        let message = Array(message)
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        key.reveal { key in
            _ = unsafe key.withUnsafeBytes { key in
                // OpenSSL takes a null key for "the one before": an empty one needs an address.
                let start = unsafe key.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
                return unsafe HMAC(
                    EVP_sha256(),
                    start,
                    Int32(key.count),
                    message,
                    message.count,
                    &code,
                    nil
                )
            }
        }
        return code
    }

    /// A key stretched from a secret (RFC 8018, PBKDF2 with HMAC-SHA-256).
    package static func stretched(
        _ secret: Secret,
        salt: [UInt8],
        rounds: Int32,
        byteCount: Int = 32
    ) -> Secret {
        var key = [UInt8](repeating: 0, count: byteCount)
        let code = secret.reveal { secret in
            unsafe secret.withUnsafeBytes { secret in
                // OpenSSL takes a null password for an empty one.
                unsafe PKCS5_PBKDF2_HMAC(
                    secret.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(secret.count),
                    salt,
                    Int32(salt.count),
                    rounds,
                    EVP_sha256(),
                    Int32(byteCount),
                    &key
                )
            }
        }
        precondition(code == 1, "OpenSSL has no PBKDF2.")
        defer { unsafe OPENSSL_cleanse(&key, key.count) }
        return Secret(copying: key)
    }

    /// Whether both are the same, in a time that depends only on their lengths.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }

    private static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        unsafe SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
        return digest
    }
}

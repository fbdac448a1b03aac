import COpenSSL
package import RekeyCore

/// The secret half of a pair, for signing and for opening what was sealed.
package struct PrivateKey: Sendable {
    package enum Kind: Sendable {
        case rsa2048
        case rsa3072
        /// The elliptic curve P-256.
        case p256
    }

    let pkey: PKey

    package static func generate(_ kind: Kind) throws(CryptoFailure) -> PrivateKey {
        ERR_clear_error()
        let pointer =
            switch kind {
            case .rsa2048: unsafe rekey_rsa_generate(2048)
            case .rsa3072: unsafe rekey_rsa_generate(3072)
            case .p256: unsafe rekey_p256_generate()
            }
        guard let pointer = unsafe pointer else {
            throw CryptoFailure(.library, "EVP_PKEY_Q_keygen")
        }
        return unsafe PrivateKey(pkey: PKey(owning: pointer))
    }

    private init(pkey: PKey) { self.pkey = pkey }

    /// Reads a PEM, PKCS#8 or traditional.
    ///
    /// An encrypted one is refused.
    package init(pem: Secret) throws(CryptoFailure) {
        ERR_clear_error()
        let bio = try MemoryBIO(copying: pem)
        let pointer = unsafe bio.withBIO {
            // Without the callback OpenSSL would ask for a password on the terminal.
            unsafe PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let pointer = unsafe pointer else {
            throw CryptoFailure(.malformed, "PEM_read_bio_PrivateKey")
        }
        pkey = unsafe PKey(owning: pointer)
    }

    package var publicKey: PublicKey { PublicKey(pkey: pkey) }

    /// PKCS#8 in PEM, not encrypted.
    package func pem() throws(CryptoFailure) -> Secret {
        ERR_clear_error()
        let bio = try MemoryBIO()
        let code = unsafe bio.withBIO { bio in
            unsafe pkey.withPointer {
                unsafe PEM_write_bio_PKCS8PrivateKey(bio, $0, nil, nil, 0, nil, nil)
            }
        }
        guard code == 1 else { throw CryptoFailure(.library, "PEM_write_bio_PKCS8PrivateKey") }
        return bio.secret
    }

    package func sign(
        _ bytes: [UInt8],
        using algorithm: SignatureAlgorithm
    ) throws(CryptoFailure) -> [UInt8] {
        let context = try unsafe SignatureContext(pkey, algorithm, begin: EVP_DigestSignInit)
        var count = 0
        let sizeCode = unsafe context.withContext {
            unsafe EVP_DigestSign($0, nil, &count, bytes, bytes.count)
        }
        guard sizeCode == 1 else { throw CryptoFailure(.library, "EVP_DigestSign") }
        var signature = [UInt8](repeating: 0, count: count)
        let code = unsafe context.withContext {
            unsafe EVP_DigestSign($0, &signature, &count, bytes, bytes.count)
        }
        guard code == 1 else { throw CryptoFailure(.library, "EVP_DigestSign") }
        return Array(signature.prefix(count))
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

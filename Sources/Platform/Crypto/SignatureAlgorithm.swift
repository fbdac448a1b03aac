/// How bytes are signed; the hash is SHA-256 in each case.
package enum SignatureAlgorithm: String, Sendable {
    /// RSASSA-PKCS1-v1_5 (RFC 7518 §3.3).
    case rs256 = "RS256"
    /// RSASSA-PSS with a salt as long as the hash (RFC 7518 §3.5).
    case ps256 = "PS256"
    /// ECDSA, the signature in DER. JOSE's `ES256` writes the two numbers otherwise.
    case ecdsaSHA256 = "ECDSA-SHA256"
}

import COpenSSL

/// Why a cryptographic operation gave no result: codes and names, never what it worked on.
package struct CryptoFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// The input is not what it should be: no PEM, no DER, a wrong length.
        case malformed
        /// The input is well-formed, and not one that Rekey takes: a short RSA modulus, say.
        case unsupported
        /// The input does not belong to this certificate or key, or was changed on the way.
        case mismatch
        /// It is signed by somebody whose certificate is not pinned.
        case notPinned
        /// OpenSSL failed at something that should work.
        case library
    }

    package let kind: Kind
    package let call: String

    /// OpenSSL's packed error codes, the oldest first.
    package let codes: [UInt]

    /// Takes this thread's OpenSSL errors with it, so it is made right after the call failed.
    init(_ kind: Kind, _ call: String) {
        self.kind = kind
        self.call = call
        codes = Self.drainedCodes()
    }

    package var description: String {
        let reasons = codes.map { code in
            let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
            return "\(String(code, radix: 16)) (\(reason ?? "no reason"))"
        }
        return reasons.isEmpty ? call : "\(call): \(reasons.joined(separator: ", "))"
    }

    /// The longest that OpenSSL's own queue gets is 16 (`ERR_NUM_ERRORS`).
    private static func drainedCodes() -> [UInt] {
        var codes: [UInt] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return codes }
            codes.append(code)
        }
    }
}

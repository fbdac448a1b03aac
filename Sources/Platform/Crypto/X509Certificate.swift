import COpenSSL
import Foundation

/// An `X509` with its owners counted.
///
/// Sendable because nothing changes it after `init`; what OpenSSL caches inside it on use, it
/// guards with a lock of its own.
@safe final class X509Certificate: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes over the reference that the caller had.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe X509_free(pointer) }

    func withPointer<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(pointer)
    }

    func der() throws(CryptoFailure) -> [UInt8] {
        let bio = try MemoryBIO()
        guard unsafe bio.withBIO({ unsafe i2d_X509_bio($0, pointer) }) == 1 else {
            throw CryptoFailure(.library, "i2d_X509_bio")
        }
        return bio.bytes
    }

    func subject() throws(CryptoFailure) -> String {
        let bio = try MemoryBIO()
        let name = unsafe X509_get_subject_name(pointer)
        guard unsafe bio.withBIO({ unsafe rekey_print_name($0, name) }) >= 0 else {
            throw CryptoFailure(.malformed, "X509_NAME_print_ex")
        }
        return String(decoding: bio.bytes, as: UTF8.self)
    }

    func validity() throws(CryptoFailure) -> (notBefore: Date, notAfter: Date) {
        let notBefore = try unsafe Self.date(X509_get0_notBefore(pointer))
        return (notBefore, try unsafe Self.date(X509_get0_notAfter(pointer)))
    }

    func serial() throws(CryptoFailure) -> String {
        let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(pointer), nil)
        defer { unsafe BN_free(number) }
        guard let number = unsafe number, let text = unsafe BN_bn2hex(number) else {
            throw CryptoFailure(.malformed, "ASN1_INTEGER_to_BN")
        }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        return unsafe String(cString: text)
    }

    func publicKey() throws(CryptoFailure) -> PKey {
        guard let pkey = unsafe X509_get_pubkey(pointer) else {
            throw CryptoFailure(.malformed, "X509_get_pubkey")
        }
        return unsafe PKey(owning: pkey)
    }

    private static func date(
        _ time: UnsafePointer<ASN1_TIME>?
    ) throws(CryptoFailure) -> Date {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else {
            throw CryptoFailure(.malformed, "ASN1_TIME_to_tm")
        }
        return unsafe Date(timeIntervalSince1970: Double(timegm(&parts)))
    }
}

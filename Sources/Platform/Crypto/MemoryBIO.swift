import COpenSSL
import RekeyCore

/// An OpenSSL `BIO` in memory with one owner, which erases what it holds when it is dropped.
///
/// `BUF_MEM_free` and `BUF_MEM_grow_clean` do the erasing.
@safe struct MemoryBIO: ~Copyable {
    private let bio: OpaquePointer

    /// One to write to.
    init() throws(CryptoFailure) {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else {
            throw CryptoFailure(.library, "BIO_new")
        }
        unsafe self.bio = bio
    }

    /// One to read from, which holds a copy of `bytes`.
    init(copying bytes: [UInt8]) throws(CryptoFailure) {
        guard let bio = unsafe bytes.withUnsafeBytes({ unsafe Self.filled(with: $0) }) else {
            throw CryptoFailure(.library, "BIO_write")
        }
        unsafe self.bio = bio
    }

    /// One to read from, which holds a copy of the secret's bytes.
    init(copying secret: Secret) throws(CryptoFailure) {
        let filled = unsafe secret.reveal { span in
            unsafe span.withUnsafeBytes { unsafe Self.filled(with: $0) }
        }
        guard let bio = unsafe filled else { throw CryptoFailure(.library, "BIO_write") }
        unsafe self.bio = bio
    }

    deinit { unsafe BIO_free_all(bio) }

    func withBIO<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(bio)
    }

    var bytes: [UInt8] { unsafe Array(memory) }
    var secret: Secret { unsafe Secret(copying: memory) }

    private static func filled(with bytes: UnsafeRawBufferPointer) -> OpaquePointer? {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        let count = Int32(clamping: bytes.count)
        guard unsafe bytes.isEmpty || BIO_write(bio, bytes.baseAddress, count) == bytes.count
        else {
            unsafe BIO_free_all(bio)
            return nil
        }
        return unsafe bio
    }

    private var memory: UnsafeRawBufferPointer {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe rekey_bio_memory(bio, &start)
        return unsafe UnsafeRawBufferPointer(start: start, count: max(0, count))
    }
}

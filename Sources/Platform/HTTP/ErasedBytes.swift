import Glibc

/// Bytes that grow up to a limit, and are erased wherever they have lain.
///
/// One thread uses it. An array would leave its old buffers behind whenever it grows.
@safe final class ErasedBytes {
    private static let firstCapacity = 4096

    private var memory: UnsafeMutableRawBufferPointer
    private(set) var byteCount = 0
    private let byteLimit: Int

    init(byteLimit: Int = .max, capacity: Int = ErasedBytes.firstCapacity) {
        self.byteLimit = byteLimit
        unsafe memory = .allocate(byteCount: max(1, min(capacity, byteLimit)), alignment: 1)
    }

    deinit { erase() }

    /// Adds `bytes`, or returns false and adds nothing where the limit would be passed.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= byteLimit - byteCount else { return false }
        reserve(byteCount + bytes.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[byteCount...]).copyMemory(from: bytes)
        byteCount += bytes.count
        return true
    }

    func append(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    func append(_ byte: UInt8) -> Bool {
        unsafe withUnsafeBytes(of: byte) { unsafe append($0) }
    }

    func append(_ span: RawSpan) -> Bool {
        unsafe span.withUnsafeBytes { unsafe append($0) }
    }

    /// Lends the bytes, which move at the next `append`.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<byteCount]))
    }

    /// The address of the first byte, valid until the next `append` and while the object lives.
    var start: UnsafeMutableRawPointer? { unsafe memory.baseAddress }

    private func reserve(_ needed: Int) {
        guard unsafe needed > memory.count else { return }
        let capacity = unsafe max(needed, min(memory.count * 2, byteLimit))
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<byteCount]))
        erase()
        unsafe memory = larger
    }

    private func erase() {
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
        unsafe memory.deallocate()
    }
}

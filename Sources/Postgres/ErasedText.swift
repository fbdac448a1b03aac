import Glibc
import RekeyCore

/// A C string that is erased when it grows out of its memory and when it is dropped.
@safe struct ErasedText: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0

    init(capacity: Int = 256) {
        unsafe memory = .allocate(byteCount: max(1, capacity), alignment: 1)
        unsafe memory[0] = 0
    }

    /// Copies a secret; throws where it is empty or holds a null, which no C string can.
    init(_ secret: Secret, call: String) throws(PostgresFailure) {
        self.init(capacity: secret.byteCount + 1)
        secret.reveal { span in
            unsafe span.withUnsafeBytes { bytes in unsafe append(bytes) }
        }
        guard count > 0, !containsNull else {
            throw PostgresFailure(call, .beforeSend, .unusable("password"))
        }
    }

    deinit {
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
        unsafe memory.deallocate()
    }

    var containsNull: Bool { unsafe memory.prefix(count).contains(0) }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in unsafe append(UnsafeRawBufferPointer(bytes)) }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(count + bytes.count + 1)
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
        unsafe free.copyMemory(from: bytes)
        count += bytes.count
        unsafe memory[count] = 0
    }

    /// Lends the text with its terminating null.
    borrowing func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let start = unsafe memory.baseAddress else {
            preconditionFailure("Memory of at least one byte has an address.")
        }
        return try unsafe body(start.assumingMemoryBound(to: CChar.self))
    }

    private mutating func reserve(_ capacity: Int) {
        guard unsafe capacity > memory.count else { return }
        let size = unsafe max(capacity, memory.count * 2)
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
        unsafe memory.deallocate()
        unsafe memory = larger
    }
}

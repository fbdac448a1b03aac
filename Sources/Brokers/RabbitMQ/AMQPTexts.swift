import CRabbitMQ

/// Texts in C's memory, until they are let go of together.
@safe final class AMQPTexts {
    private var buffers: [UnsafeMutableBufferPointer<UInt8>] = unsafe []

    deinit { removeAll() }

    /// Copies a text; the result is valid until `removeAll`.
    func bytes(of text: String) -> amqp_bytes_t {
        let bytes = Array(text.utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = unsafe buffer.initialize(from: bytes)
        unsafe buffers.append(buffer)
        return unsafe amqp_bytes_t(
            len: bytes.count,
            bytes: UnsafeMutableRawPointer(buffer.baseAddress)
        )
    }

    func removeAll() {
        unsafe buffers.forEach { unsafe $0.deallocate() }
        unsafe buffers = []
    }
}

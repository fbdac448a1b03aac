#if DEBUG
import CRabbitMQ
import RekeyPorts

@testable import RabbitMQBroker

extension FuzzTarget {
    /// The header of a delivery, as librabbitmq decodes it and the adapter reads it.
    static let amqpProperties = FuzzTarget(
        "amqp-properties",
        words: ["\u{6}banana", "F", "S", "l", "A", "x-death", "x-delivery-count", "\0\0\0\u{1}"]
    ) { input in
        let read = unsafe withProperties(input) { properties -> (EventProperties, Int) in
            var reader = PropertyReader()
            var count = 0
            let read = unsafe reader.read(properties, count: &count)
            return (read, count)
        }
        guard let (properties, count) = read else { return }
        try promise("a negative count of deliveries", count >= 0)
        let room = RabbitMQSettings.headerByteLimit
        let size = properties.headers.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        // A byte that is no UTF-8 is shown as a character of three.
        let most = 3 * (room + PropertyReader.readFirstRoom)
        try promise("more headers than the limit", size <= most)
        try checkTable(properties.headers)
    }

    /// Headers that are written come back as they were.
    private static func checkTable(_ headers: [String: String]) throws {
        // Longer names do not fit the format.
        let fitting = headers.filter { $0.key.utf8.count < 256 }
        var bytes = [UInt8](repeating: 0, count: 256 * 1024)
        let table = AMQPTable(fitting.mapValues { .text($0) })
        let size = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe table.withTable { table in
                var table = unsafe table
                var offset = 0
                let out = unsafe amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
                let code = unsafe amqp_encode_table(out, &table, &offset)
                return code == 0 ? offset : nil
            }
        }
        guard let size else { return }
        let header: [UInt8] = [0x20, 0x00] + bytes.prefix(size)
        let again = unsafe withProperties(header) { properties in
            var reader = PropertyReader()
            var count = 0
            return unsafe reader.read(properties, count: &count).headers
        }
        guard fitting.count <= PropertyReader.headerCountLimit else { return }
        let isShort =
            fitting.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            <= RabbitMQSettings.headerByteLimit
        guard isShort else { return }
        try promise("headers change by being written", again == fitting)
    }

    private static func withProperties<Result>(
        _ input: [UInt8],
        _ body: (UnsafePointer<amqp_basic_properties_t>) -> Result
    ) -> Result? {
        var pool = unsafe amqp_pool_t()
        unsafe init_amqp_pool(&pool, 4_096)
        defer { unsafe empty_amqp_pool(&pool) }
        var bytes = input
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var decoded: UnsafeMutableRawPointer?
            let encoded = unsafe amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
            let code = unsafe amqp_decode_properties(
                UInt16(AMQP_BASIC_CLASS),
                &pool,
                encoded,
                &decoded
            )
            guard code == 0, let decoded = unsafe decoded else { return nil }
            let properties = unsafe decoded.assumingMemoryBound(to: amqp_basic_properties_t.self)
            return unsafe body(properties)
        }
    }
}
#endif

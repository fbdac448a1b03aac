import CRabbitMQ

/// A field table in C's memory, for as long as this lives.
///
/// The values are typed because RabbitMQ 3.10 accepts and ignores a limit that is a text
/// (trap 4 of deploy/rabbitmq/README.md).
@safe final class AMQPTable {
    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case flag(Bool)
        case table([String: Value])
    }

    private let entries: UnsafeMutableBufferPointer<amqp_table_entry_t>
    private let texts = AMQPTexts()
    private var nested: [AMQPTable] = []

    init(_ values: [String: Value]) {
        unsafe entries = .allocate(capacity: values.count)
        for (index, (name, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
            var entry = unsafe amqp_table_entry_t()
            unsafe entry.key = texts.bytes(of: name)
            unsafe entry.value = field(value)
            unsafe entries.initializeElement(at: index, to: entry)
        }
    }

    deinit { unsafe entries.deallocate() }

    /// Lends the table to `body`.
    func withTable<Result>(_ body: (amqp_table_t) -> Result) -> Result {
        withExtendedLifetime(self) { unsafe body(table) }
    }

    private var table: amqp_table_t {
        unsafe amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress)
    }

    private func field(_ value: Value) -> amqp_field_value_t {
        var field = unsafe amqp_field_value_t()
        switch value {
        case .text(let text):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            unsafe field.value.bytes = texts.bytes(of: text)
        case .integer(let number):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            unsafe field.value.i64 = number
        case .flag(let flag):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            unsafe field.value.boolean = flag ? 1 : 0
        case .table(let values):
            let table = AMQPTable(values)
            nested.append(table)
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            unsafe field.value.table = table.table
        }
        return unsafe field
    }
}

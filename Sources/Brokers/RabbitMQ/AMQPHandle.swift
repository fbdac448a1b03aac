import CRabbitMQ

/// An `amqp_connection_state_t` with one owner, destroyed when it is dropped.
///
/// The pointer never leaves this module, and never outlives the call it is lent to.
@safe struct AMQPHandle: ~Copyable {
    private let state: amqp_connection_state_t

    init() throws(AMQPFailure) {
        guard let state = unsafe amqp_new_connection() else {
            throw AMQPFailure("amqp_new_connection", .trouble("out of memory"))
        }
        unsafe self.state = state
    }

    deinit { _ = unsafe amqp_destroy_connection(state) }

    borrowing func withState<Result>(_ body: (amqp_connection_state_t) -> Result) -> Result {
        unsafe body(state)
    }
}

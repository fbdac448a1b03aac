import CRabbitMQ

/// What has to be done once in a process before the library is used.
enum AMQPLibrary {
    /// The library's version as 0xMMmmpp00, after it and OpenSSL were initialised.
    static let version: UInt32 = {
        _ = amqp_initialize_ssl_library()
        return amqp_version_number()
    }()
}

import CRabbitMQ
import Glibc

extension RabbitMQTLS {
    /// Makes a socket that verifies the peer and its name, with TLS 1.2 at least.
    ///
    /// librabbitmq 0.11 compares names only, never addresses: an address is refused here, with the
    /// reason, instead of failing as a wrong name.
    func makeSocket(
        _ handle: borrowing AMQPHandle,
        host: String
    )
        throws(AMQPFailure) -> OpaquePointer?
    {
        guard !NumericAddress.isOne(host) else {
            throw AMQPFailure(
                "tls",
                .refusal("a host must be a name that the certificate carries, not an address"),
                at: host
            )
        }
        guard let socket = unsafe handle.withState({ unsafe amqp_ssl_socket_new($0) }) else {
            return nil
        }
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, 1)
        guard unsafe amqp_ssl_socket_set_cacert(socket, caFile) == AMQP_STATUS_OK.rawValue else {
            throw AMQPFailure(
                "amqp_ssl_socket_set_cacert",
                .refusal("no certificates could be read"),
                at: caFile
            )
        }
        let versions = unsafe amqp_ssl_socket_set_ssl_versions(
            socket,
            AMQP_TLSv1_2,
            AMQP_TLSvLATEST
        )
        guard versions == AMQP_STATUS_OK.rawValue else {
            throw AMQPFailure("amqp_ssl_socket_set_ssl_versions", .librabbitmq(versions))
        }
        if let identity { try unsafe present(identity, on: socket) }
        return unsafe socket
    }

    private func present(_ identity: Identity, on socket: OpaquePointer) throws(AMQPFailure) {
        let status = unsafe amqp_ssl_socket_set_key(
            socket,
            identity.certificateFile,
            identity.keyFile
        )
        guard status == AMQP_STATUS_OK.rawValue else {
            throw AMQPFailure(
                "amqp_ssl_socket_set_key",
                .refusal("the certificate or its signing key could not be read"),
                at: identity.certificateFile
            )
        }
    }
}

/// Hosts that are addresses, and the addresses of hosts.
enum NumericAddress {
    static func isOne(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// Resolves a host, since librabbitmq gives all of its addresses one deadline together.
    static func all(of host: String) throws(AMQPFailure) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            let text = unsafe String(cString: gai_strerror(status))
            throw AMQPFailure("getaddrinfo", .trouble("\(status) \(text)"), at: host)
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [String] = []
        var next = unsafe list
        while let entry = unsafe next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let (address, length) = unsafe (entry.pointee.ai_addr, entry.pointee.ai_addrlen)
            let size = socklen_t(text.count)
            if unsafe getnameinfo(address, length, &text, size, nil, 0, NI_NUMERICHOST) == 0 {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                found.append(String(decoding: bytes, as: UTF8.self))
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}

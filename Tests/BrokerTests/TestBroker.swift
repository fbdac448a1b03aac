@testable import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import Synchronization

/// A virtual host of its own on a real broker.
struct TestBroker: Sendable {
    let server: PrivateRabbitMQ
    let virtualHost: String

    private static let count = Atomic<Int>(0)

    /// A fresh virtual host on the node that this process shares.
    static func fresh() async throws -> TestBroker { try await on(PrivateRabbitMQ.shared()) }

    static func on(_ server: PrivateRabbitMQ) async throws -> TestBroker {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let test = TestBroker(server: server, virtualHost: "/broker-\(number)")
        try await server.makeVirtualHost(test.virtualHost)
        return test
    }

    /// Settings with short waits.
    var settings: RabbitMQSettings {
        let password = server.password
        var settings = RabbitMQSettings(
            addresses: [.init(host: server.host, port: server.port)],
            virtualHost: virtualHost,
            user: server.user,
            password: { Secret(copying: Array(password.utf8)) }
        )
        settings.lastBackoff = .seconds(1)
        settings.drainTimeout = .seconds(1)
        return settings
    }

    /// What a quorum queue holds, unacknowledged included; 0 where there is none.
    ///
    /// It asks for this queue alone, since others may still be recovering.
    func count(in queue: String) async throws -> Int {
        let (host, name) = (Self.binary(virtualHost), Self.binary(queue))
        let answer = try await server.evaluate(
            """
            case rabbit_amqqueue:lookup(rabbit_misc:r(\(host), queue, \(name))) of
              {ok, Q} ->
                {ok, {_, S}, _} = ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:overview/1),
                maps:get(num_messages, S);
              _ -> 0
            end
            """
        )
        guard let count = Int(answer) else { throw PartFailure("no count: \(answer)") }
        return count
    }

    /// Closes every connection to this virtual host.
    func cut() async throws {
        try await server.evaluate(
            """
            [rabbit_networking:close_connection(P, "closed by a test")
              || [{pid, P}, {vhost, V}] <- rabbit_networking:connection_info_all([pid, vhost]),
              V =:= \(Self.binary(virtualHost))]
            """
        )
    }

    private static func binary(_ text: String) -> String {
        "<<\(text.utf8.map(String.init).joined(separator: ","))>>"
    }
}

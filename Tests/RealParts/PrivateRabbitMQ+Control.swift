import Foundation

extension PrivateRabbitMQ {
    /// What a queue holds at this instant.
    package struct QueueCounts: Equatable, Sendable {
        /// All of them: ready and unacknowledged.
        package let messages: Int
        package let consumers: Int
        package let unacknowledged: Int

        package init(messages: Int, consumers: Int, unacknowledged: Int) {
            self.messages = messages
            self.consumers = consumers
            self.unacknowledged = unacknowledged
        }
    }

    /// Runs the broker's own command, about a second; passwords belong in `input`.
    @discardableResult
    package nonisolated func rabbitmqctl(
        _ arguments: [String],
        input: String = ""
    ) async throws -> String {
        let outcome = try await ChildProcess.run(
            "\(RabbitMQFiles.programs)/rabbitmqctl",
            ["--quiet"] + arguments,
            environment: files.environment,
            input: .bytes(Array(input.utf8))
        )
        guard outcome.succeeded else {
            let words = outcome.errors + outcome.output
            throw PartFailure("rabbitmqctl \(arguments.first ?? ""): \(outcome.exit): \(words)")
        }
        return outcome.output
    }

    /// Evaluates one Erlang expression in the node, in milliseconds, and returns its term as text.
    ///
    /// It goes through standard input, so a password in it shows in no argument list.
    @discardableResult
    package nonisolated func evaluate(_ expression: String) async throws -> String {
        // A name of its own for each call: two at a time under one are refused.
        let caller = "call\(UUID().uuidString.prefix(8))"
        let outcome = try await ChildProcess.run(
            "erl_call",
            ["-h", caller, "-sname", files.node, "-e", "-fetch_stdout"],
            environment: files.environment,
            input: .bytes(Array("io:format(\"~0tp\", [begin \(expression) end]).\n".utf8)),
            within: .seconds(30)
        )
        let ending = "{ok, ok}"
        guard outcome.succeeded, outcome.output.hasSuffix(ending) else {
            let words = (outcome.errors + outcome.output).prefix(400)
            throw PartFailure("erl_call: \(outcome.exit): \(words)")
        }
        return String(outcome.output.dropLast(ending.count))
    }

    /// Makes it, with all permissions for `user`; doing it again changes nothing.
    package nonisolated func makeVirtualHost(_ name: String) async throws {
        try await evaluate("rabbit_vhost:add(\(binary(name)), <<\"test\">>)")
        try await setPermissions(user, virtualHost: name)
    }

    package nonisolated func deleteVirtualHost(_ name: String) async throws {
        try await evaluate("rabbit_vhost:delete(\(binary(name)), <<\"test\">>)")
    }

    /// Adds a user without tags or permissions, or gives an existing one this password.
    package nonisolated func addUser(_ name: String, password: String) async throws {
        let call = "rabbit_auth_backend_internal"
        let arguments = "\(binary(name)), \(binary(password)), <<\"test\">>"
        try await evaluate(
            """
            case \(call):exists(\(binary(name))) of
              true -> \(call):change_password(\(arguments));
              false -> \(call):add_user(\(arguments))
            end
            """
        )
    }

    package nonisolated func deleteUser(_ name: String) async throws {
        let call = "rabbit_auth_backend_internal:delete_user"
        try await evaluate("\(call)(\(binary(name)), <<\"test\">>)")
    }

    /// Regular expressions as RabbitMQ takes them; an empty one matches nothing.
    package nonisolated func setPermissions(
        _ user: String,
        virtualHost: String,
        configure: String = ".*",
        write: String = ".*",
        read: String = ".*"
    ) async throws {
        let words = [user, virtualHost, configure, write, read].map(binary).joined(separator: ", ")
        try await evaluate("rabbit_auth_backend_internal:set_permissions(\(words), <<\"test\">>)")
    }

    package nonisolated func stopApp() async throws { try await rabbitmqctl(["stop_app"]) }

    package nonisolated func startApp() async throws { try await rabbitmqctl(["start_app"]) }

    /// Raises or clears the memory alarm, and returns when the node says so.
    package nonisolated func setMemoryAlarm(_ on: Bool) async throws {
        let limit = on ? "{absolute, 1000000}" : "0.6"
        try await evaluate("vm_memory_monitor:set_vm_memory_high_watermark(\(limit))")
        try await eventually("the memory alarm is \(on ? "on" : "off")") {
            let alarms = try await evaluate("rabbit_alarm:get_alarms()")
            return alarms.contains("memory") == on
        }
    }

    /// Closes each client's connection with 320 and returns how many there were.
    @discardableResult
    package nonisolated func closeAllConnections() async throws -> Int {
        let count = try await evaluate(
            """
            length([rabbit_networking:close_connection(P, "closed by a test")
              || P <- rabbit_networking:connections()])
            """
        )
        return Int(count) ?? 0
    }

    /// How many client connections are open.
    package nonisolated func connectionCount() async throws -> Int {
        let count = try await evaluate("length(rabbit_networking:connections())")
        return Int(count) ?? 0
    }

    /// Counts as of now: quorum queues are asked, since their statistics lag by a tick.
    package nonisolated func listQueues(
        _ virtualHost: String
    ) async throws -> [String: QueueCounts] {
        let rows = try await evaluate(
            """
            [begin
              {resource, _, queue, Name} = amqqueue:get_name(Q),
              {M, C, U} = case amqqueue:get_type(Q) of
                rabbit_quorum_queue ->
                  {ok, {_, S}, _} =
                    ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:overview/1),
                  #{num_messages := N, num_consumers := K, num_checked_out := O} = S,
                  {N, K, O};
                _ ->
                  [{_, N}, {_, K}, {_, O}] = rabbit_amqqueue:info(Q,
                    [messages, consumers, messages_unacknowledged]),
                  {N, K, O}
              end,
              [binary_to_list(binary:encode_hex(Name)), M, C, U]
            end || Q <- rabbit_amqqueue:list(\(binary(virtualHost)))]
            """
        )
        return try Self.queueCounts(rows)
    }

    /// Deletes a queue with all it holds, as an operator by mistake would.
    package nonisolated func deleteQueue(_ name: String, virtualHost: String) async throws {
        let resource = "rabbit_misc:r(\(binary(virtualHost)), queue, \(binary(name)))"
        try await evaluate(
            """
            {ok, Q} = rabbit_amqqueue:lookup(\(resource)),
            {ok, _} = rabbit_amqqueue:delete(Q, false, false, <<"test">>), ok
            """
        )
    }

    /// Drops what waits in a queue.
    package nonisolated func purgeQueue(_ name: String, virtualHost: String) async throws {
        let resource = "rabbit_misc:r(\(binary(virtualHost)), queue, \(binary(name)))"
        try await evaluate(
            """
            {ok, Q} = rabbit_amqqueue:lookup(\(resource)), {ok, _} = rabbit_amqqueue:purge(Q), ok
            """
        )
    }

    /// Rows look like `["6162",1,0,0]`, the name in hexadecimal so that it needs no unquoting.
    private static func queueCounts(_ rows: String) throws -> [String: QueueCounts] {
        var counts: [String: QueueCounts] = [:]
        for row in rows.split(whereSeparator: { "[]".contains($0) }) where row.hasPrefix("\"") {
            let words = row.split(separator: ",")
            let numbers = words.dropFirst().compactMap { Int($0) }
            guard numbers.count == 3 else { throw PartFailure("unexpected queue row \(row)") }
            let digits = Array(words[0].dropFirst().dropLast())
            let bytes = stride(from: 0, to: digits.count, by: 2)
                .compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) }
            counts[String(decoding: bytes, as: UTF8.self)] = QueueCounts(
                messages: numbers[0],
                consumers: numbers[1],
                unacknowledged: numbers[2]
            )
        }
        return counts
    }

    /// An Erlang binary by its bytes, so that nothing in `text` can be taken for code.
    nonisolated func binary(_ text: String) -> String {
        "<<\(text.utf8.map(String.init).joined(separator: ","))>>"
    }
}

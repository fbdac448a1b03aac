/// What operators and machines do to a broker that is in use.
extension PrivateRabbitMQ {
    /// Raises or clears the disk alarm, and returns when the node says so.
    package nonisolated func setDiskAlarm(_ on: Bool) async throws {
        // More than any disk has, or what the node was started with.
        let limit = on ? "1000000000000000000" : "1000000"
        try await evaluate("rabbit_disk_monitor:set_disk_free_limit(\(limit))")
        try await eventually("the disk alarm is \(on ? "on" : "off")") {
            let alarms = try await evaluate("rabbit_alarm:get_alarms()")
            return alarms.contains("disk") == on
        }
    }

    /// Deletes an exchange with all its bindings.
    package nonisolated func deleteExchange(_ name: String, virtualHost: String) async throws {
        let resource = "rabbit_misc:r(\(binary(virtualHost)), exchange, \(binary(name)))"
        try await evaluate("ok = rabbit_exchange:delete(\(resource), false, <<\"test\">>)")
    }

    /// Deletes the bindings from an exchange to queues whose names begin so; returns how many.
    @discardableResult
    package nonisolated func deleteBindings(
        from exchange: String,
        toQueues beginning: String,
        virtualHost: String
    ) async throws -> Int {
        let resource = "rabbit_misc:r(\(binary(virtualHost)), exchange, \(binary(exchange)))"
        let count = try await evaluate(
            """
            Begins = fun(Name) ->
              binary:longest_common_prefix([Name, \(binary(beginning))])
                =:= byte_size(\(binary(beginning)))
            end,
            length([ok = rabbit_binding:remove(B, <<"test">>)
              || B <- rabbit_binding:list_for_source(\(resource)),
              Begins(element(4, element(4, B)))])
            """
        )
        return Int(count) ?? 0
    }

    /// Sets a policy for queues; `definition` is JSON.
    package nonisolated func setPolicy(
        _ name: String,
        pattern: String,
        definition: String,
        virtualHost: String
    ) async throws {
        let words = [virtualHost, name, pattern, definition].map(binary).joined(separator: ", ")
        try await evaluate(
            "ok = rabbit_policy:parse_set(\(words), 0, <<\"queues\">>, <<\"test\">>)"
        )
    }

    package nonisolated func clearPolicy(_ name: String, virtualHost: String) async throws {
        let words = [virtualHost, name].map(binary).joined(separator: ", ")
        try await evaluate("ok = rabbit_policy:delete(\(words), <<\"test\">>)")
    }
}

/// Nodes of one RabbitMQ cluster on loopback, each with its own ports and files, and one epmd.
///
/// They are ended when dropped; the first one's epmd has to live as long as any of them.
package struct RabbitMQCluster: Sendable {
    package let nodes: [PrivateRabbitMQ]

    /// Starts so many at once, and joins them.
    package static func start(_ count: Int = 3) async throws -> RabbitMQCluster {
        let (password, cookie) = (TestPassword.make(), TestPassword.make())
        let epmdPort = try FreePort.next()
        var nodes: [PrivateRabbitMQ] = []
        for number in 0..<count {
            nodes.append(
                try await PrivateRabbitMQ(
                    RabbitMQFiles(epmdPort: epmdPort, cookie: cookie),
                    password: password,
                    ownsEpmd: number == 0
                )
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.launch() } }
            try await group.waitForAll()
        }
        for node in nodes.dropFirst() {
            // One at a time: a node that joins changes the schema of all.
            try await node.evaluate(
                """
                ok = rabbit:stop(), ok = rabbit_mnesia:join_cluster('\(nodes[0].files.node)', disc),
                ok = rabbit:start()
                """
            )
        }
        let cluster = RabbitMQCluster(nodes: nodes)
        try await eventually("every node runs in the cluster") {
            for node in nodes where try await node.runningNodes() != count { return false }
            return true
        }
        return cluster
    }

    /// The node to which `user` has most connections.
    package func home(of user: String) async throws -> PrivateRabbitMQ {
        var counts: [(count: Int, node: PrivateRabbitMQ)] = []
        for node in nodes { counts.append((try await node.connections(of: user), node)) }
        guard let most = counts.max(by: { $0.count < $1.count }), most.count > 0 else {
            throw PartFailure("\(user) has no connection")
        }
        return most.node
    }
}

extension PrivateRabbitMQ {
    /// How many nodes of its cluster this one knows to be running.
    package nonisolated func runningNodes() async throws -> Int {
        Int(try await evaluate("length(rabbit_nodes:all_running())")) ?? 0
    }

    /// How many of this node's own connections are this user's.
    package nonisolated func connections(of user: String) async throws -> Int {
        let count = try await evaluate(
            """
            length([P || P <- rabbit_networking:local_connections(),
              [{user, U}] <- [rabbit_networking:connection_info(P, [user])],
              U =:= \(binary(user))])
            """
        )
        return Int(count) ?? 0
    }

    /// How many quorum queues of a virtual host this node leads.
    package nonisolated func ledQueues(_ virtualHost: String) async throws -> Int {
        let count = try await evaluate(
            """
            length([Q || Q <- rabbit_amqqueue:list(\(binary(virtualHost))),
              amqqueue:get_type(Q) =:= rabbit_quorum_queue,
              element(2, amqqueue:get_pid(Q)) =:= node()])
            """
        )
        return Int(count) ?? 0
    }
}

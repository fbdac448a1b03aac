import Foundation
import RealParts
import Testing

/// What `deploy/rabbitmq` ships is judged by a broker that has imported it.
@Suite(.timeLimit(.minutes(3))) struct `The broker's definitions` {
    /// A user, what it does to which thing, and whether it may.
    fileprivate struct Access {
        let user: String
        let permission: String
        let kind: String
        let name: String
        let isAllowed: Bool
    }

    private static let accesses = [
        Access("worker", "configure", "queue", "rekey.step.apply", true),
        Access("worker", "write", "exchange", "amq.default", true),
        Access("worker", "read", "queue", "rekey.parked.rekey.step.apply", true),
        Access("worker", "configure", "queue", "client.mine", true),
        Access("gateway", "write", "exchange", "rekey.intake", true),
        Access("gateway", "write", "exchange", "rekey.events", false),
        Access("gateway", "read", "exchange", "rekey.events", false),
        Access("agent-berlin", "read", "queue", "rekey.site.berlin", true),
        Access("agent-berlin", "read", "queue", "rekey.site.berlin2", false),
        Access("agent-berlin", "read", "exchange", "rekey.events", false),
        Access("agent-berlin", "write", "exchange", "rekey.intake", false),
        Access("agent-berlin", "write", "exchange", "rekey.events", true),
        Access("client", "write", "exchange", "rekey.intake", true),
        Access("client", "write", "exchange", "rekey.events", false),
        Access("client", "write", "exchange", "amq.default", false),
        Access("client", "write", "queue", "rekey.step.apply", false),
        Access("client", "read", "queue", "rekey.step.apply", false),
        Access("client", "read", "exchange", "rekey.events", true),
        Access("client", "configure", "queue", "client.mine", true),
        Access("client", "configure", "queue", "rekey.mine", false),
    ]

    @Test func `give each user what it needs and no more`() async throws {
        let folder = try TemporaryDirectory("definitions")
        var passwords: [String: String] = [:]
        for name in ["worker", "gateway", "agent", "client"] {
            passwords[name] = TestPassword.make()
            try folder.write(passwords[name, default: ""] + "\n", to: name)
        }
        let rendered = try await ChildProcess.run("bash", [Self.script, "berlin", folder.path])
        try #require(rendered.succeeded, "\(rendered.errors)")
        #expect(!passwords.values.contains { rendered.output.contains($0) })
        let broker = try await PrivateRabbitMQ.start()
        let file = try folder.write(rendered.output, to: "definitions.json")
        try await broker.rabbitmqctl(["import_definitions", file])
        for access in Self.accesses {
            let key = access.user.split(separator: "-").first.map(String.init) ?? ""
            let answer = try await broker.evaluate(access.question(passwords[key, default: ""]))
            #expect(answer == (access.isAllowed ? "ok" : "refused"), "\(access)")
        }
        let policies = try await broker.rabbitmqctl(["list_policies", "-p", "/rekey"])
        #expect(policies.contains("rekey-work"))
        #expect(policies.contains("rekey-client"))
    }

    @Test func `are refused without a password for every user`() async throws {
        let folder = try TemporaryDirectory("definitions")
        let rendered = try await ChildProcess.run("bash", [Self.script, "berlin", folder.path])
        #expect(rendered.exit == .code(78))
        #expect(rendered.errors.contains("worker is not there"))
        let named = try await ChildProcess.run("bash", [Self.script, "Ber|in", folder.path])
        #expect(named.exit == .code(64))
    }

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/rabbitmq/render.sh").path
}

extension `The broker's definitions`.Access {
    fileprivate init(
        _ user: String,
        _ permission: String,
        _ kind: String,
        _ name: String,
        _ isAllowed: Bool
    ) {
        self.init(
            user: user,
            permission: permission,
            kind: kind,
            name: name,
            isAllowed: isAllowed
        )
    }

    /// Signs in and asks the broker; both must succeed for `ok`.
    fileprivate func question(_ password: String) -> String {
        """
        {ok, User} = rabbit_access_control:check_user_pass_login(
          <<"rekey-\(user)">>, <<"\(password)">>),
        Thing = rabbit_misc:r(<<"/rekey">>, \(kind), <<"\(name)">>),
        case catch rabbit_access_control:check_resource_access(
          User, Thing, \(permission), \(Self.noContext)) of
          ok -> ok;
          {'EXIT', {amqp_error, access_refused, _, _}} -> refused
        end
        """
    }

    /// An empty Erlang map.
    private static let noContext = "#{}"
}

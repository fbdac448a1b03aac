import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyTelemetry

/// What the program tells its user before it ends without success.
struct Problem: Error {
    /// Exit codes of sysexits.h, as far as they say something here.
    static let usage: Int32 = 64
    static let outsideSystem: Int32 = 69
    static let configuration: Int32 = 78
    static let other: Int32 = 1

    let lines: [String]
    let hint: String?
    let code: Int32

    init(_ line: String, hint: String? = nil, code: Int32 = Problem.other) {
        self.lines = [line]
        self.hint = hint
        self.code = code
    }

    init(_ errors: ConfigurationErrors) {
        lines = errors.errors.map(\.description)
        hint = "`rekey init` prints a configuration to start from"
        code = Self.configuration
    }

    init(describing error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let errors as ConfigurationErrors: self.init(errors)
        case let failure as StepFailure: self.init(failure, of: nil)
        case let failure as JournalFailure: self.init(failure)
        default: self.init(String(describing: error))
        }
    }

    init(_ failure: StepFailure, of subject: String?) {
        let prefix = subject.map { "\($0): " } ?? ""
        self.init(
            prefix + failure.reason,
            hint: Self.hint(for: failure) ?? "see `rekey check`",
            code: Self.outsideSystem
        )
    }

    /// By the words in which servers and libraries refuse; a reason holds codes and names only.
    static func hint(for failure: StepFailure) -> String? {
        let hints = [
            ("RESOURCE_LOCKED", "stop the other worker: one at a time serves a virtual host"),
            ("amqp_login: 403", "is the password that `broker.password` names the user's?"),
            ("amqp_login: 530", "does `broker.vhost` exist, and may the user enter it?"),
            ("ACCESS_REFUSED", "deploy/rabbitmq says which user needs which permissions"),
            ("NOT_FOUND", "is the worker's topology declared? `rekey run` does it"),
            ("gateway ", "choose another address for `gateway.listen`, or free that one"),
            ("-513", "is the host in `broker.url` the name in that server's certificate?"),
            ("resolve host", "no host has that name: is it right, and does that vault exist?"),
            (
                "AADSTS",
                "Entra refused `azure.identity`: is it the tenant's, and its secret current?"
            ),
            ("28P01", "is the password that `administrator` names that role's?"),
            ("verification failed", "does `ca` name the authority of that server's certificate?"),
        ]
        if let known = hints.first(where: { failure.reason.contains($0.0) }) { return known.1 }
        return failure.kind == .transient ? "is it up, and reachable from here?" : nil
    }

    init(_ failure: JournalFailure) {
        switch failure {
        case .held:
            self.init(
                failure.description,
                hint: "stop the other worker, or give this one a journal of its own"
            )
        case .ended:
            self.init(failure.description, hint: "look at that disk; a start reads what is there")
        case .newerSchema:
            self.init(failure.description, hint: "install the newer rekey again")
        case .unavailable(let what) where what.hasPrefix(Self.databasePlace):
            let known = Self.databaseHints.first { what.contains($0.0) }
            let hint = known?.1 ?? "`rekey check` looks at what the journal needs"
            self.init(failure.description, hint: hint, code: Self.outsideSystem)
        case .damaged(let what) where what.hasPrefix(Self.databasePlace):
            self.init(
                failure.description,
                hint: "is `journal.postgres.schema` right? it has to be the journal's own",
                code: Self.outsideSystem
            )
        default: self.init(failure.description, hint: "is the disk full, or the path wrong?")
        }
    }

    /// How what is said of a journal in a database begins.
    private static let databasePlace = "postgres "

    private static let databaseHints = [
        ("its password", "`journal.postgres.password` says where it should be"),
        ("28P01", "is the password that `journal.postgres.password` names the user's?"),
        ("28000", "may that user sign in to that database from here?"),
        ("3D000", "there is no such database: make it, or correct `journal.postgres.database`"),
        ("42501", "`rekey check` names the right that is missing"),
        ("no trusted TLS", "does `journal.postgres.tls.ca` name the server's authority?"),
        ("unreachable", "is it up, and reachable from here?"),
        ("timed out", "is it up, and reachable from here?"),
        ("there is no journal", "start a worker first, or correct `journal.postgres.schema`"),
    ]

    func report() {
        var text = ""
        for line in lines { text += "rekey: error: \(LogText.escaped(line))\n" }
        if let hint { text += "rekey: hint: \(LogText.escaped(hint))\n" }
        FileHandle.standardError.write(Data(text.utf8))
    }
}

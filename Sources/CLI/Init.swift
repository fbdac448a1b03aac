import ArgumentParser
import Foundation
import PostgresTarget
import RekeyConfiguration
import RekeyCore
import RekeyPlatform

/// `rekey init`: a configuration to start from, the worker's signing key, or a database's roles.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a configuration to start from; it names places of secrets, never values.",
        discussion: """
            --signer makes the key by which sites know the worker instead: NAME.key, for the \
            worker alone, and NAME.pem, which every agent is given. Nothing is overwritten.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @Option(help: "Print the SQL for the roles of this secret, or target, of the configuration.")
    var sql: String?
    @Option(help: "Make a signing key and its certificate: NAME.key and NAME.pem.")
    var signer: String?
    @Option(help: "The name in the certificate.")
    var commonName = "rekey"
    @Option(help: "How many days the certificate is valid.")
    var days = 730

    func validate() throws {
        guard (1...Self.mostDays).contains(days) else {
            throw ValidationError("--days is 1 to \(Self.mostDays)")
        }
        guard sql == nil || signer == nil else {
            throw ValidationError("--sql and --signer are two things")
        }
    }

    func run() throws {
        if let sql { return Console.text(try Self.sql(for: sql, in: try configuration.load())) }
        guard let signer else { return Console.text(SampleConfiguration.text) }
        do {
            try makeSigner(at: signer)
        } catch let failure as CryptoFailure {
            throw Problem("the certificate cannot be made: \(failure)")
        } catch let failure as FileFailure {
            throw Problem(
                "\(failure)",
                hint: "an existing key is never overwritten: give another name"
            )
        }
    }

    /// The SQL for the roles of a target, or of the secret that uses it.
    static func sql(for name: String, in settings: Settings) throws -> String {
        let secret = settings.definitions.first { $0.answers(to: name) }
        // A target that is said at its secret goes by the secret's name.
        let targets = [TargetName(name)] + [secret?.target].compactMap(\.self)
        guard let target = targets.first(where: { settings.targets[$0] != nil }),
            case .postgres(let postgres)? = settings.targets[target]
        else {
            let known = settings.targets.filter { $0.value.kind == "postgres" }.map(\.key.text)
            throw Problem(
                "no secret or target with roles in PostgreSQL is called \(name)",
                hint: known.isEmpty
                    ? "there are none" : "there are: \(known.sorted().joined(separator: ", "))",
                code: Problem.usage
            )
        }
        // Nobody signs in, so nobody reads a secret.
        let secrets = SecretResolver { _ in nil }
        return PostgresTarget(PostgresAdapterSettings(postgres, target, secrets)).initialiseSQL()
    }

    private func makeSigner(at name: String) throws {
        for file in ["\(name).key", "\(name).pem"]
        where FileManager.default.fileExists(atPath: file) {
            throw Problem(
                "\(file) is there already, and nothing was made",
                hint: "a key and its certificate are made together: choose another name",
                code: Problem.usage
            )
        }
        let key = try PrivateKey.generate(.p256)
        let certificate = try Certificate.selfSigned(
            commonName: commonName,
            key: key,
            validFor: .seconds(days * Self.secondsPerDay),
            purpose: .signing
        )
        // The key first: a certificate without its key would be useless, and in the way.
        try AtomicFile.create("\(name).key", contents: try key.pem())
        try AtomicFile.create(
            "\(name).pem",
            contents: Secret(copying: certificate.pem.utf8),
            mode: Self.certificateMode
        )
        Console.line("made \(name).key (0600) and \(name).pem")
        Console.line("in rekey.yaml: signer: {certificate: \(name).pem, signingKey: \(name).key}")
        Console.line("at each site: rekey agent … --signer \(name).pem")
    }

    private static let mostDays = 3_650
    private static let secondsPerDay = 86_400
    private static let certificateMode: UInt32 = 0o644
}

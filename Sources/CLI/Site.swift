import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPlatform

/// `rekey site`: the on-prem sites that values may be handed to.
struct Site: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the sites, or checks a certificate for a new one.",
        subcommands: [List.self, Add.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the sites of the configuration, with their certificates."
        )

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let settings = try configuration.load()
            var rows = [["SITE", "USER", "UNTIL", "SHA-256"]]
            for (name, site) in settings.sites.sorted(by: { $0.key < $1.key }) {
                let certificate = try Assembly.certificate(site.certificate)
                let until = Timestamp.text(certificate.notAfter)
                rows.append([name, site.user, until, certificate.fingerprint])
            }
            guard rows.count > 1 else { return Console.line("there are no sites") }
            Console.table(rows)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a site's certificate, and prints what to add to the configuration.",
            discussion: "It changes no file: the configuration is yours."
        )

        @Argument(help: "The site's name: lower-case letters, digits and hyphens.")
        var name: String
        @Option(help: "The site's certificate, PEM.")
        var certificate: String

        func validate() throws {
            let isName =
                !name.isEmpty
                && name.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }
            guard isName else {
                throw ValidationError("a site's name has lower-case letters, digits and hyphens")
            }
        }

        func run() async throws {
            let found = try Assembly.certificate(certificate)
            let until = Timestamp.text(found.notAfter)
            guard found.notAfter > Date() else {
                throw Problem("\(certificate) ended at \(until)", hint: "make another at the site")
            }
            Console.line("# \(found.subject), until \(until)")
            Console.line("# SHA-256 \(found.fingerprint)")
            Console.line("sites:")
            let user = SiteAnswer.standardUser(site: name)
            Console.line("  \(name): {certificate: \(certificate), user: \(user)}")
        }
    }
}

extension Certificate {
    fileprivate var fingerprint: String {
        sha256Thumbprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

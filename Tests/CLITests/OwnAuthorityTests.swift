import RekeyConfiguration
import Testing

@testable import rekey

@Suite struct `The address of Entra` {
    private func isOwn(_ azure: String) throws -> Bool {
        let text = Unreadable.text(azure: "\n  \(azure)").replacing(
            "    certificate:\n      client",
            with: "    clientSecret:\n      secret: env:NOBODYS\n      client"
        )
        let lines = text.split(separator: "\n").filter { !$0.contains("/azure.") }
        let settings = try Settings.parse(lines.joined(separator: "\n"))
        return try #require(try Assembly(settings).azure()).hasOwnAuthority
    }

    /// Then a vault has to lie within the resource that its challenge names.
    @Test(arguments: [
        "cloud: public", "authority: https://login.microsoftonline.com",
        "authority: https://login.microsoftonline.com/",
        "authority: https://LOGIN.microsoftonline.com:443",
        "cloud: china\n  authority: https://login.chinacloudapi.cn",
    ])
    func `is the cloud's own, also where it is written out`(azure: String) throws {
        #expect(try isOwn(azure))
    }

    @Test(arguments: [
        "authority: https://localhost:8443",
        "cloud: china\n  authority: https://login.microsoftonline.com",
        "authority: https://login.microsoftonline.com:8443",
        "authority: https://login.microsoftonline.com/elsewhere",
    ])
    func `is another, as that of a double`(azure: String) throws {
        #expect(try !isOwn(azure))
    }
}

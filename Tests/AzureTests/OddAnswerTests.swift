import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@testable import AzureKeyVault
@testable import RekeyAzure

@Suite struct `An odd answer` {
    private func pause(_ text: String, at now: Date = Date()) -> Double? {
        RetryAfter.seconds(HTTPHeaders([("Retry-After", text)]), now: now)
    }

    @Test func `asks for a pause by a date`() throws {
        let now = try #require(Timestamp.date("1994-11-06T08:49:00Z"))
        #expect(pause("Sun, 06 Nov 1994 08:49:37 GMT", at: now) == 37)
        #expect(pause("Sun, 06 Nov 1994 08:48:37 GMT", at: now) == 0)
        #expect(pause("Mon, 07 Nov 1994 08:49:37 GMT", at: now) == RetryAfter.limitSeconds)
    }

    @Test(arguments: [
        "Sun, 06 Nov 2094 08:49:37 \u{301}GMT", "Sun, 06 Xyz 2094 08:49:37 GMT", "nan", "inf", "",
        "Sun, 06 Nov 2094 08:49:37 CET", "Sun, 0\u{301}6 Nov 2094 08:49:37 GMT",
    ])
    func `asks for a pause that nobody understands`(text: String) {
        #expect(pause(text) == nil)
    }

    @Test(arguments: [1e300, 179_001e19, -1e300])
    func `names an end that no date reaches`(end: Double) throws {
        let json = #"{"id":"https://a.vault.azure.net/secrets/b/c","attributes":{"exp":\#(end)}}"#
        let bundle = try JSONDecoder().decode(SecretBundle.self, from: Data(json.utf8))
        let version = try #require(bundle.version(value: nil))
        let expires = try #require(version.expires)
        let entry = VaultEntry(value: Secret(copying: []), expires: expires)
        let parameters = SetParameters(entry)
        #expect(parameters.attributes.exp == (end > 0 ? 253_402_300_799 : 0))
    }
}

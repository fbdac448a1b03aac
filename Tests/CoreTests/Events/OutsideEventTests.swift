import Foundation
import RekeyCore
import Testing

@Suite struct `An event from outside` {
    @Test func `that names no time is passed on without one`() throws {
        let text =
            #"{"specversion":"1.0","id":"r","source":"/me","type":"rekey.command.issued.v1"}"#
        let event = try #require(try IntakeParser.events(in: Array(text.utf8)).first)
        let again = try #require(try IntakeParser.events(in: event.encoded()).first)
        #expect(again.time == .distantPast)
        #expect(try CloudEvent(decoding: event.encoded()) == event)
    }

    @Test(arguments: ["nan", "inf", "-infinity", "1e400"])
    func `may name an end that is no number`(end: String) throws {
        let text = #"""
            {"id":"e","eventType":"Microsoft.KeyVault.SecretNearExpiry","topic":"/t",
             "data":{"Id":"https://orders.vault.azure.net/secrets/db/a","Exp":"\#(end)"}}
            """#
        let event = try #require(try IntakeParser.events(in: Array(text.utf8)).first)
        #expect(event.content.expires == nil)
        #expect(try CloudEvent(decoding: event.encoded()).content == event.content)
    }
}

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

    // A null in the id was passed on to PostgreSQL, which takes none, again and again.
    @Test(arguments: [
        (#""id":"a\u0000b","source":"/me""#, ".id holds a control character"),
        (#""id":"a","source":"/\u007f""#, ".source holds a control character"),
        (#""id":"a","source":"/","authid":"a\nb""#, ".authid holds a control character"),
        (#""id":"a","source":"/","data":{"rotation":"\u0000"}"#, ".data.rotation holds a"),
        (#""id":"a","source":"/","data":{"secret":"a\tb"}"#, ".data.secret holds a"),
        (#""id":"a","source":"/","data":{"versions":["1","\r"]}"#, ".data.versions holds a"),
    ])
    func `with a control character in a name is refused`(members: String, why: String) throws {
        let text = #"{"specversion":"1.0","type":"rekey.command.issued.v1",\#(members)}"#
        do {
            _ = try IntakeParser.events(in: Array(text.utf8))
            Issue.record("it was taken")
        } catch {
            #expect(error.description.contains(why))
        }
    }

    // What is told in an answer must fit into one.
    @Test(arguments: ["rotation", "secret", "command", "plan", "reason", "versions"])
    func `holds names of at most 256 bytes`(key: String) throws {
        for (count, isTaken) in [(256, true), (257, false)] {
            let name = #""\#(String(repeating: "r", count: count))""#
            let text =
                #"{"specversion":"1.0","id":"a","source":"/","type":"rekey.command.issued.v1","#
                + #""data":{"\#(key)":\#(key == "versions" ? "[\(name)]" : name)}}"#
            let events = try? IntakeParser.events(in: Array(text.utf8))
            #expect((events != nil) == isTaken)
        }
    }
}

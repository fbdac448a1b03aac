import RekeyCore
import Testing

@Suite struct `A list of values` {
    @Test(arguments: ListSeparator.allCases)
    func `holds candidate and previous, the newest first`(separator: ListSeparator) throws {
        let format = ValueFormat.list(separator: separator)
        #expect(format.holdsSeveral)
        let both = try format.replacing(
            in: Secret("old"),
            secrets: [Secret("new"), Secret("old")]
        )
        #expect(try format.credential(in: both).secret == Secret("new"))
        #expect(try format.credentials(in: both) == [Secret("new"), Secret("old")])
        let alone = try format.replacing(in: both, account: nil, secret: Secret("new"))
        #expect(alone.text == "new")
    }

    @Test func `may stand in a JSON document, the rest of which stays`() throws {
        let format = ValueFormat.jsonList("/accepted")
        let both = try format.replacing(
            in: Secret("{ \"accepted\": [ \"old\" ],  \"n\": 1 }"),
            secrets: [Secret("n\"w"), Secret("old")]
        )
        #expect(both.text == "{ \"accepted\": [\"n\\\"w\",\"old\"],  \"n\": 1 }")
        #expect(try format.credentials(in: both) == [Secret("n\"w"), Secret("old")])
    }

    @Test func `may be the whole JSON document`() throws {
        #expect(
            try ValueFormat.jsonList("").credentials(in: Secret("[\"a\", \"b\"]"))
                == [Secret("a"), Secret("b")]
        )
    }

    @Test func `tolerates spaces around its values`() throws {
        let format = ValueFormat.list(separator: .comma)
        #expect(try format.credentials(in: Secret(" a , b,,")) == [Secret("a"), Secret("b")])
    }

    @Test func `is no form for one value only`() {
        #expect(!ValueFormat.bare.holdsSeveral)
        #expect(throws: ValueFormatFailure.self) {
            try ValueFormat.bare.replacing(in: Secret("a"), secrets: [Secret("b"), Secret("a")])
        }
    }

    @Test func `needs strings`() {
        #expect(throws: ValueFormatFailure(form: "jsonList", problem: .notAString, offset: 1)) {
            try ValueFormat.jsonList("").credentials(in: Secret("[1]"))
        }
    }
}

import RekeyCore
import Testing

/// A document that must not be rewritten, and why.
struct Refusal: Sendable {
    let format: ValueFormat
    let text: String
    let problem: ValueFormatFailure.Problem
    let offset: Int?

    init(
        _ format: ValueFormat,
        _ text: String,
        _ problem: ValueFormatFailure.Problem,
        _ offset: Int? = nil
    ) {
        self.format = format
        self.text = text
        self.problem = problem
        self.offset = offset
    }
}

@Suite struct `A value format refuses` {
    private static let json = ValueFormat.json(secret: "/p", account: nil)

    @Test(arguments: [
        Refusal(.ado, "Server=a;User ID=u", .noSecretField),
        Refusal(.ado, "Password=a;PWD=b", .duplicateField, 11),
        Refusal(.ado, "Password=\"open", .malformed, 9),
        Refusal(.ado, "Password=\"a\"b;", .malformed, 12),
        Refusal(.ado, "hunter2hunter2", .malformed, 0),
        Refusal(.ado, "Password=;User=u", .emptySecret, 9),
        Refusal(.jdbc, "postgres://u:p@h", .malformed, 0),
        Refusal(.jdbc, "jdbc:postgresql://h/d?user=u", .noSecretField),
        Refusal(.jdbc, "jdbc:sqlserver://h;password={open", .malformed, 28),
        Refusal(.url, "postgres://u:a@b@h", .malformed, 16),
        Refusal(.url, "postgres://u:a%4@h", .malformed, 14),
        Refusal(.url, "postgres://u@h", .noSecretField, 12),
        Refusal(.url, "postgres://u:p@h/?password=q", .duplicateField, 27),
        Refusal(.url, "postgres:u:p@h", .malformed, 8),
        Refusal(.redis, "h:6380,ssl=True", .noSecretField),
        Refusal(.redis, "password=a,Password=b", .duplicateField, 11),
        Refusal(json, "{\"p\":\"a\",\"p\":\"b\"}", .duplicateField, 9),
        Refusal(json, "{\"p\":\"a\",\"\\u0070\":\"b\"}", .duplicateField, 9),
        Refusal(json, "{\"p\":12}", .notAString, 5),
        Refusal(json, "{\"p\":\"a\"", .malformed, 8),
        Refusal(json, "{\"p\":\"a\"} x", .malformed, 10),
        Refusal(json, "{\"p\":\"a\",}", .malformed, 9),
        Refusal(json, "{\"p\":\"\\ud800\"}", .malformed, 6),
        Refusal(json, "{\"p\":01}", .malformed, 6),
        Refusal(json, "{\"q\":\"a\"}", .noSecretField),
        Refusal(.json(secret: "p", account: nil), "{\"p\":\"a\"}", .noSecretField),
        Refusal(.json(secret: "/p", account: "/u"), "{\"p\":\"a\"}", .noAccountField),
        Refusal(.bare, "", .emptySecret),
    ])
    func `what it cannot read for certain, by its place`(refusal: Refusal) {
        let failure = #expect(throws: ValueFormatFailure.self) {
            _ = try refusal.format.credential(in: Secret(refusal.text))
        }
        #expect(failure?.problem == refusal.problem)
        #expect(failure?.offset == refusal.offset)
    }

    @Test func `to quote the document in its errors`() {
        let failure = ValueFormatFailure(form: "ado", problem: .malformed, offset: 9)
        #expect("\(failure)" == "the value (ado) is not written as its form asks at byte 9")
    }

    @Test func `a document without a place for the account`() {
        for (format, text) in [
            (ValueFormat.ado, "Server=a;Password=p"), (.redis, "h,password=p"),
        ] {
            #expect(throws: ValueFormatFailure(form: format.name, problem: .noAccountField)) {
                try format.replacing(in: Secret(text), account: "u", secret: Secret("n"))
            }
        }
    }

    @Test func `a value that the form has no escape for`() {
        for (format, text, value) in [
            (ValueFormat.redis, "h,password=p", "a,b"), (.redis, "h,password=p", " a"),
            (.jdbc, "jdbc:jtds:sqlserver://h;user=u;password=p", "a;b"),
            (.ado, "Password=p", "a\0b"), (.list(separator: .comma), "a", "b,c"),
        ] {
            #expect(throws: ValueFormatFailure(form: format.name, problem: .notRepresentable)) {
                try format.replacing(in: Secret(text), account: nil, secret: Secret(value))
            }
        }
    }

    @Test func `bytes that JSON cannot hold`() {
        let notText = Secret(copying: [0xFF, 0xFE])
        #expect(throws: ValueFormatFailure(form: "json", problem: .notRepresentable)) {
            try Self.json.replacing(in: Secret("{\"p\":\"a\"}"), account: nil, secret: notText)
        }
    }

    @Test func `a document beyond its limits`() {
        let long = Secret(String(repeating: "a", count: ValueFormat.documentByteLimit + 1))
        #expect(throws: ValueFormatFailure(form: "bare", problem: .tooLong)) {
            try ValueFormat.bare.credential(in: long)
        }
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        #expect(throws: ValueFormatFailure(form: "json", problem: .tooDeep, offset: 65)) {
            try Self.json.credential(in: Secret(deep))
        }
    }
}

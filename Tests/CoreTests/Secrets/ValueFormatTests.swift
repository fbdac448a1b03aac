import RekeyCore
import Testing

/// A document, the form it is in, and what it holds.
struct Document: Sendable, CustomTestStringConvertible {
    let format: ValueFormat
    let text: String
    let account: String?
    let secret: String

    init(_ format: ValueFormat, _ text: String, _ account: String?, _ secret: String) {
        self.format = format
        self.text = text
        self.account = account
        self.secret = secret
    }

    var testDescription: String { "\(format.name): \(text)" }
}

@Suite struct `A value format` {
    static let documents: [Document] = [
        Document(.bare, "s3cret", nil, "s3cret"),
        Document(.ado, "Server=tcp:a,1433;User ID=erp;Password=p1;Encrypt=true", "erp", "p1"),
        Document(.ado, "SERVER=a; uid = erp ; PWD = p 1 ;", "erp", "p 1"),
        Document(.ado, "Host=a;Username=erp;Password=\"a;b\"\"c\"", "erp", "a;b\"c"),
        Document(.ado, "Host=a;User Id='er''p';Password='a;\"b'", "er'p", "a;\"b"),
        Document(.ado, "Data Source=a;Password={x;User=u", "u", "{x"),
        Document(.ado, ";;Password=a=b=;UserName=u;;", "u", "a=b="),
        Document(.ado, "Driver={ODBC Driver 18};Uid=u;Pwd={a;b}}c}", "u", "a;b}c"),
        Document(.ado, "Uid=u;Pwd={a\"b};Driver={X}", "u", "a\"b"),
        Document(
            .ado,
            "DefaultEndpointsProtocol=https;AccountName=n;AccountKey=QUJD+/==;EndpointSuffix=x",
            nil,
            "QUJD+/=="
        ),
        Document(
            .ado,
            "Endpoint=sb://n/;SharedAccessKeyName=Root;SharedAccessKey=QUI=",
            nil,
            "QUI="
        ),
        Document(.jdbc, "jdbc:postgresql://h/db?user=u&password=a%26b+c&ssl=true", "u", "a&b c"),
        Document(
            .jdbc,
            "jdbc:sqlserver://h:1433;databaseName=d;user=u;password={a;}}b};",
            "u",
            "a;}b"
        ),
        Document(.jdbc, "jdbc:sqlserver://h\\i;userName=u;password=p", "u", "p"),
        Document(.jdbc, "jdbc:jtds:sqlserver://h/d;user=u;password={p", "u", "{p"),
        Document(.jdbc, "jdbc:mysql://u:p%40@h/d", "u", "p@"),
        Document(
            .url,
            "postgres://erp_a:p%2Fw%3A%40@db:5432/erp?sslmode=require",
            "erp_a",
            "p/w:@"
        ),
        Document(.url, "amqp://u:p@h/%2Frekey", "u", "p"),
        Document(.url, "redis://:only@h:6380/0", nil, "only"),
        Document(.url, "postgresql://h/db?user=u&password=a%20b", "u", "a b"),
        Document(.url, "mongodb://u:p:q@h1,h2/?x=@", "u", "p:q"),
        Document(.redis, "h:6380,password=p=1,ssl=True,abortConnect=False", nil, "p=1"),
        Document(.redis, "h1:1, h2:2 , User = u , PASSWORD = p ", "u", "p"),
        Document(
            .json(secret: "/db/pass", account: "/db/user"),
            "{ \"db\" : {\"user\":\"u\\u00e9\",\n\t"
                + "\"pass\":\"a\\\"\\ud83d\\ude00\"}, \"x\":[1.5e3] }",
            "ué",
            "a\"😀"
        ),
        Document(.json(secret: "/0/a~1b", account: nil), "[{\"a/b\":\"p\"}]\n", nil, "p"),
    ]

    @Test(arguments: documents)
    func `finds the credential`(document: Document) throws {
        let found = try document.format.credential(in: Secret(document.text))
        #expect(found.account?.text == document.account)
        #expect(found.secret.text == document.secret)
    }

    @Test(arguments: documents)
    func `keeps every byte when the credential stays`(document: Document) throws {
        let same = try document.format.replacing(
            in: Secret(document.text),
            account: document.account.map { AccountID($0) },
            secret: Secret(document.secret)
        )
        #expect(same.text == document.text)
    }

    @Test(arguments: documents)
    func `keeps every byte around a new credential`(document: Document) throws {
        let changed = try document.format.replacing(
            in: Secret(document.text),
            account: nil,
            secret: Secret("N3wValue")
        )
        let back = try document.format.replacing(
            in: changed,
            account: nil,
            secret: Secret(document.secret)
        )
        let field = try #require(fieldRange(in: document.text, and: changed.text))
        #expect(String(decoding: field.new, as: UTF8.self).contains("N3wValue"))
        // Whatever the field looks like now, it reads the same and nothing else moved.
        #expect(try document.format.credential(in: back).secret.text == document.secret)
        #expect(back.bytes.starts(with: field.before))
        #expect(back.bytes.reversed().starts(with: field.after.reversed()))
    }

    /// What two documents have in common before and after the one place where they differ.
    private func fieldRange(
        in old: String,
        and new: String
    ) -> (before: [UInt8], new: [UInt8], after: [UInt8])? {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        let before = zip(old, new).prefix { $0 == $1 }.count
        let limit = min(old.count, new.count) - before
        let after = zip(old.reversed(), new.reversed()).prefix(limit).prefix { $0 == $1 }.count
        return (
            Array(new[..<before]), Array(new[before..<(new.count - after)]),
            Array(new[(new.count - after)...])
        )
    }

    @Test func `changes account and secret together`() throws {
        let format = ValueFormat.json(secret: "/p", account: "/u")
        let changed = try format.replacing(
            in: Secret("{\"p\" :\"1\",\"z\": 0.10,\"u\":\"app_a\"}"),
            account: "app_b",
            secret: Secret("q\"\n")
        )
        #expect(changed.text == "{\"p\" :\"q\\\"\\u000A\",\"z\": 0.10,\"u\":\"app_b\"}")
    }

    @Test func `writes an account where the place for it is empty`() throws {
        let changed = try ValueFormat.url.replacing(
            in: Secret("redis://:old@h/0"),
            account: "app b",
            secret: Secret("n")
        )
        #expect(changed.text == "redis://app%20b:n@h/0")
    }

    @Test func `quotes as the driver's own builder does`() throws {
        let document = Secret("Server=a;Password=old;X=1")
        func written(_ secret: String) throws -> String {
            try ValueFormat.ado.replacing(in: document, account: nil, secret: Secret(secret)).text
        }
        #expect(try written("a;b") == "Server=a;Password=\"a;b\";X=1")
        #expect(try written("a\"b") == "Server=a;Password='a\"b';X=1")
        #expect(try written("a\"'b") == "Server=a;Password=\"a\"\"'b\";X=1")
        #expect(try written(" a ") == "Server=a;Password=\" a \";X=1")
    }

    @Test func `keeps random values through every form`() throws {
        var random = SplitMix64(seed: 42)
        for round in 0..<400 {
            let length = Int.random(in: 1...24, using: &random)
            let characters = (0..<length).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &random)))
            }
            let value = String(characters)
            for document in Self.documents {
                let before = Secret(document.text)
                do {
                    let after = try document.format.replacing(
                        in: before,
                        account: nil,
                        secret: Secret(value)
                    )
                    let found = try document.format.credential(in: after)
                    #expect(found.secret.text == value, "round \(round), \(document.text)")
                    #expect(found.account?.text == document.account)
                } catch {
                    // Only forms without escapes may refuse, and only what they cannot hold.
                    #expect(error.problem == .notRepresentable)
                    #expect(
                        value.contains { ",; ='\"".contains($0) },
                        "\(document.text) refused a value that it can hold"
                    )
                }
            }
        }
    }

    @Test func `is read in time, however many parameters a URL has`() throws {
        let names = String(repeating: "&a", count: 30_000)
        let document = Secret(copying: "postgresql://db/x?password=p\(names)".utf8)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try ValueFormat.url.credential(in: document).secret.byteCount == 1)
        // It is read in milliseconds; reading the rest for each name took half a minute.
        #expect(start.duration(to: clock.now) < .seconds(10))
    }
}

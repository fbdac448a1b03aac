#if DEBUG
import RekeyCore

extension FuzzTarget {
    /// Every document that can hold a credential: one field changes, every other byte stays.
    static let documents: [FuzzTarget] = [
        document(
            "ado",
            .ado,
            ["Password=", "Pwd=", "User ID=", ";", "\"", "'", "==", "{", "}", "Driver="]
        ),
        document(
            "jdbc",
            .jdbc,
            [
                "jdbc:sqlserver://", "jdbc:postgresql://", "jdbc:jtds:", "password=", "?", "&", ";",
                "{", "}}",
            ]
        ),
        document(
            "url",
            .url,
            [
                "postgres://", "amqp://", "redis://", "@", ":", "%40", "%", "?password=", "&user=",
                "#",
            ]
        ),
        document("redis", .redis, ["password=", "user=", ",", "=", "ssl=True"]),
        document("json", .json(secret: "/db/password", account: "/db/user"), jsonWords),
        list("list", .list(separator: .comma), [",", " ", "\n"]),
        list("json-list", .jsonList("/keys"), jsonWords),
    ]

    private static let jsonWords = [
        "{", "}", "[", "]", "\"", ":", ",", "\"db\"", "\"password\"", "\"user\"", "\"keys\"",
        "\\u0041", "\\ud83d\\ude00", "\\", "null", "-1e5", "\"p\\u0061ssword\"",
    ]
    /// Values that differ from the first byte to the last, and that no form quotes.
    private static let plain = (secret("Aaaaaaaaaaaaaaaa"), secret("Zzzzzzzzzzzzzzzz"))
    /// Values that each form writes in its own way.
    private static let awkward = [
        "p;w=d\"'", "ü–%2F+ &#", "{}}]]{", " outer ", "a,b\\c", "\u{1F600}\t\n", "CfDJ8", "\u{1}x",
    ].map(secret)

    private static func secret(_ text: String) -> Secret { Secret(copying: text.utf8) }

    private static func document(
        _ name: String,
        _ form: ValueFormat,
        _ words: [String]
    ) -> FuzzTarget {
        FuzzTarget("document-\(name)", words: words) { input in
            let document = Secret(copying: input)
            _ = SubjectCheck.refusal(of: document)
            let old: (account: AccountID?, secret: Secret)
            do { old = try form.credential(in: document) } catch { return try Canary.check(error) }
            let same = try form.replacing(in: document, account: nil, secret: old.secret)
            try promise("a document changes without a change", same == document)
            for new in awkward {
                // A form may be unable to hold it, and says so.
                guard let changed = try? form.replacing(in: document, account: nil, secret: new)
                else { continue }
                let read = try form.credential(in: changed)
                try promise("another value is read than was written", read.secret == new)
                try promise("the account changed", read.account == old.account)
                let twice = try form.replacing(in: changed, account: nil, secret: new)
                try promise("a second write changes what the first wrote", twice == changed)
            }
            try checkSurroundings(of: old.secret, in: input, form)
        }
    }

    /// Finds the field by what differs between two documents that differ in nothing else, and
    /// holds the rest to the original.
    private static func checkSurroundings(
        of old: Secret,
        in input: [UInt8],
        _ form: ValueFormat
    ) throws {
        let document = Secret(copying: input)
        let one = bytes(try form.replacing(in: document, account: nil, secret: plain.0))
        let other = bytes(try form.replacing(in: document, account: nil, secret: plain.1))
        let before = zip(one, other).prefix { $0 == $1 }.count
        let after = zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
        // Both had to write, and neither found its own value there.
        guard old != plain.0, old != plain.1, before + after < one.count else { return }
        try promise("bytes before the field changed", one.prefix(before) == input.prefix(before))
        try promise("bytes after the field changed", one.suffix(after) == input.suffix(after))
        let length = input.count - before - after
        // A byte takes at most the six of `\u0041`.
        try promise("more than the field changed", (0...6 * old.byteCount).contains(length))
    }

    private static func list(_ name: String, _ form: ValueFormat, _ words: [String]) -> FuzzTarget {
        FuzzTarget("document-\(name)", words: words) { input in
            let document = Secret(copying: input)
            do { _ = try form.credentials(in: document) } catch { return try Canary.check(error) }
            let pair = [plain.0, plain.1]
            let changed = try form.replacing(in: document, secrets: pair)
            try promise("another list is read", try form.credentials(in: changed) == pair)
            let twice = try form.replacing(in: changed, secrets: pair)
            try promise("a second write changes what the first wrote", twice == changed)
        }
    }

    private static func bytes(_ secret: Secret) -> [UInt8] {
        secret.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
    }
}
#endif

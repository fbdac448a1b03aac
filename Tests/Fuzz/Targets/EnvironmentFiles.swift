#if DEBUG
import RekeyCore

@testable import RekeyAgent

extension FuzzTarget {
    /// A `.env` file in which one variable changes, and every other byte stays.
    static let environmentFile = FuzzTarget(
        "environment-file",
        words: [
            "SECRET=", "export ", "OTHER=", "\n", "\r\n", "\"", "'", "`", "\\", "#", " ", "\\n",
            "$SECRET", "= ",
        ]
    ) { input in
        try EnvironmentPromises.check(input) { variable, value, document throws(AgentFailure) in
            try EnvironmentFile.replacing(variable, with: value, in: document)
        }
    }
}

/// What rewriting a `.env` file promises, of whichever function does it.
enum EnvironmentPromises {
    typealias Rewriting = (String, Secret, [UInt8]) throws(AgentFailure) -> Secret

    private static let values = (secret("Aaaaaaaaaaaaaaaa"), secret("Zzzzzzzzzzzzzzzz"))
    private static let awkward = [
        "a'b\"c$d`e\\f", "two\nlines\r\n", "", " x # y", "# x", "ü=\u{1F600}",
    ]

    static func check(_ input: [UInt8], _ rewrite: Rewriting) throws {
        let one: [UInt8]
        do { one = bytes(try rewrite("SECRET", values.0, input)) } catch {
            return try Canary.check(error)
        }
        let other = bytes(try rewrite("SECRET", values.1, input))
        let before = zip(one, other).prefix { $0 == $1 }.count
        let after = zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
        if try EnvironmentLines(input).last(of: "SECRET") == nil {
            try promise("what was there changed", one.starts(with: input))
        } else {
            try promise(
                "bytes before the value changed",
                one.prefix(before) == input.prefix(before)
            )
            try promise("bytes after the value changed", one.suffix(after) == input.suffix(after))
            try promise("more than the value changed", before + after <= input.count)
        }
        try checkNeighbours(input, one)
        for text in awkward {
            let changed: [UInt8]
            do { changed = bytes(try rewrite("SECRET", secret(text), input)) } catch {
                // Its quotes may close one of another line.
                try Canary.check(error)
                continue
            }
            try checkNeighbours(input, changed)
            let twice = bytes(try rewrite("SECRET", secret(text), changed))
            try promise("a second write changes what the first wrote", twice == changed)
        }
    }

    /// Every other variable is where it was, with the bytes it had.
    private static func checkNeighbours(_ before: [UInt8], _ after: [UInt8]) throws {
        for name in ["OTHER", "THIRD"] {
            // One whose quote stays open cannot be told from what follows.
            guard let old = try? EnvironmentLines(before).last(of: name) else { continue }
            guard let new = try EnvironmentLines(after).last(of: name) else {
                throw BrokenPromise("another variable is gone")
            }
            try promise("another variable changed", before[old] == after[new])
        }
    }

    private static func secret(_ text: String) -> Secret { Secret(copying: text.utf8) }

    private static func bytes(_ secret: Secret) -> [UInt8] {
        secret.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
    }
}
#endif

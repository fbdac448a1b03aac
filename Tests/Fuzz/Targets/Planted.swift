#if DEBUG
import RekeyCore

@testable import RekeyAgent

extension FuzzTarget {
    /// Parsers with one mistake each, of the kinds that others made: what does not find these
    /// finds nothing.
    static let planted = [plantedLoss, plantedTrap, plantedHang, plantedLeak]

    /// Rewrites lines, and drops the `\r` of every one.
    private static let plantedLoss = FuzzTarget(
        "planted-loss",
        words: environmentFile.words
    ) { input in
        try EnvironmentPromises.check(input) { variable, value, document throws(AgentFailure) in
            let text = String(decoding: document, as: UTF8.self)
            let joined = text.replacing("\r\n", with: "\n")
            return try EnvironmentFile.replacing(variable, with: value, in: Array(joined.utf8))
        }
    }

    /// Counts the nanoseconds of a time of day without looking at its size.
    private static let plantedTrap = FuzzTarget("planted-trap", words: ["02:30", ":"]) { input in
        let parts = String(decoding: input, as: UTF8.self).split(separator: ":")
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]) else { return }
        try promise("a time of no day", (hour * 60 + minute) * 60_000_000_000 != .min)
    }

    /// Looks for the end of a quote without looking for the end of the text.
    private static let plantedHang = FuzzTarget("planted-hang", words: ["\"", "="]) { input in
        guard let start = input.firstIndex(of: UInt8(ascii: "\"")) else { return }
        var place = start + 1
        while input[place % input.count] != UInt8(ascii: "\"") || place % input.count == start {
            place += 1
        }
    }

    /// Says what it could not read.
    private static let plantedLeak = FuzzTarget("planted-leak", words: ["password="]) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let equals = text.firstIndex(of: "="), text[..<equals] != "password" else { return }
        try Canary.check(BrokenPromise("unknown field in \(text)"))
    }
}
#endif

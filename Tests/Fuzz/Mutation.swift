/// Makes new inputs out of known ones, mindful that most of them are text in some language.
struct Mutation {
    /// The seeds of one target, and its words.
    let seeds: [[UInt8]]
    let words: [[UInt8]]
    let byteLimit: Int

    private static let mostChanges = 5
    /// Numbers at the edges of what the machine holds, and texts that some readers take for one.
    private static let edges = [
        "0", "-1", "255", "65536", "2147483648", "-2147483649", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "1e308", "-1e308", "1e400", "1e19", "nan",
        "inf", "-inf", "infinity", "0x10", "1_000", "٣", "1.5", "-0", "00", "253402300800",
    ].map { Array($0.utf8) }
    /// Bytes that break lines, texts or terminals.
    private static let odd: [[UInt8]] = [
        [0], [0x0A], [0x0D, 0x0A], [0x1B, 0x5B], [0x7F], [0x80], [0xC0, 0xAF], [0xFF],
        [0xEF, 0xBB, 0xBF], [0xE2, 0x80, 0xA8], [0xED, 0xA0, 0x80], [0xCC, 0x81],
        Array("\\u0000".utf8), Array("\\ud800".utf8), Array("\u{1F600}".utf8), [0x20], [0x09],
    ]
    private static let repeats = [2, 3, 16, 70, 600]
    private static let brackets = Array("[]{}()\"'".utf8)

    /// A seed with a few changes.
    func next(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = seeds.isEmpty ? [] : seeds[random.below(seeds.count)]
        for _ in 0...random.below(Self.mostChanges) { change(&bytes, &random) }
        return Array(bytes.prefix(byteLimit))
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let place = random.below(bytes.count + 1)
        switch random.below(12) {
        case 0: flip(&bytes, &random)
        case 1: bytes.removeSubrange(range(in: bytes, &random))
        case 2: bytes.insert(contentsOf: pick(Self.odd, &random), at: place)
        case 3, 4: bytes.insert(contentsOf: pick(words, &random), at: place)
        case 5: bytes.replaceSubrange(range(in: bytes, &random), with: pick(words, &random))
        case 6, 7: replaceNumber(&bytes, &random)
        case 8: splice(&bytes, &random)
        case 9: repeatPiece(&bytes, &random)
        case 10: bytes.insert(Self.brackets[random.below(Self.brackets.count)], at: place)
        default: bytes.removeLast(random.below(bytes.count + 1))
        }
    }

    private func pick(_ list: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
        list.isEmpty ? [UInt8.random(in: 0...255, using: &random)] : list[random.below(list.count)]
    }

    /// A piece, more often a short one.
    private func range(in bytes: [UInt8], _ random: inout SeededRandom) -> Range<Int> {
        let start = random.below(bytes.count + 1)
        let longest = random.below(2) == 0 ? 4 : bytes.count
        return start..<min(bytes.count, start + random.below(longest + 1))
    }

    private func flip(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let place = random.below(bytes.count)
        bytes[place] =
            random.below(2) == 0
            ? bytes[place] ^ (1 << UInt8(random.below(8)))
            : UInt8.random(in: 0...255, using: &random)
    }

    private func replaceNumber(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        let start = random.below(bytes.count)
        guard let first = bytes[min(start, bytes.count)...].firstIndex(where: isDigit) else {
            bytes.insert(contentsOf: pick(Self.edges, &random), at: start)
            return
        }
        let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(first..<end, with: pick(Self.edges, &random))
    }

    private func splice(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !seeds.isEmpty else { return }
        let other = seeds[random.below(seeds.count)]
        bytes.replaceSubrange(range(in: bytes, &random), with: other[range(in: other, &random)])
    }

    private func repeatPiece(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let piece = Array(bytes[range(in: bytes, &random)].prefix(64))
        let count = Self.repeats[random.below(Self.repeats.count)]
        let place = random.below(bytes.count + 1)
        bytes.insert(contentsOf: repeatElement(piece, count: count).joined(), at: place)
    }
}

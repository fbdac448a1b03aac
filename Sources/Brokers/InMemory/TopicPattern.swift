/// A binding's routing key on a topic exchange: `*` stands for one word, `#` for any number.
struct TopicPattern {
    private let words: [Substring]

    init(_ text: String) {
        words = text.split(separator: ".", omittingEmptySubsequences: false)
    }

    func matches(_ routingKey: String) -> Bool {
        let key = routingKey.split(separator: ".", omittingEmptySubsequences: false)
        return Self.matches(words[...], key[...])
    }

    private static func matches(
        _ words: ArraySlice<Substring>,
        _ key: ArraySlice<Substring>
    )
        -> Bool
    {
        guard let word = words.first else { return key.isEmpty }
        if word == "#" {
            return (key.startIndex...key.endIndex).contains { start in
                matches(words.dropFirst(), key[start...])
            }
        }
        guard let first = key.first, word == "*" || word == first else { return false }
        return matches(words.dropFirst(), key.dropFirst())
    }
}

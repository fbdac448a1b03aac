/// Finds the known word that was likely meant.
enum Suggestion {
    /// Further away it would be a guess.
    private static let distanceLimit = 2

    static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let candidates = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        let best = candidates.min { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let best, best.1 <= distanceLimit, best.1 < word.count else { return nil }
        return best.0
    }

    /// Levenshtein's distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let above = row[column + 1]
                let change = diagonal + (character == right[column] ? 0 : 1)
                row[column + 1] = min(change, above + 1, row[column] + 1)
                diagonal = above
            }
        }
        return row[right.count]
    }
}

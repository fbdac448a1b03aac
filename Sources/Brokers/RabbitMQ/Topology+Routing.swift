import RekeyPorts

extension Topology {
    /// Whether one of its bindings leads what is published so to a queue.
    func leads(exchange: String, routingKey: String) -> Bool {
        let words = routingKey.split(separator: ".", omittingEmptySubsequences: false)
        return bindings.contains { binding in
            let pattern = binding.routingKey.split(separator: ".", omittingEmptySubsequences: false)
            return binding.exchange == exchange && Self.matches(pattern[...], words[...])
        }
    }

    /// As a topic exchange matches: `*` is one word, `#` any number of them.
    private static func matches(
        _ pattern: ArraySlice<Substring>,
        _ words: ArraySlice<Substring>
    ) -> Bool {
        guard let first = pattern.first else { return words.isEmpty }
        let rest = pattern.dropFirst()
        if first == "#" {
            return (words.startIndex...words.endIndex).contains { matches(rest, words[$0...]) }
        }
        guard let word = words.first, first == "*" || first == word else { return false }
        return matches(rest, words.dropFirst())
    }
}

/// Which routes lead to a queue of a topology, each worked out once.
struct KnownRoutes {
    private struct Route: Hashable {
        let exchange: String
        let routingKey: String
    }

    /// Whoever publishes by keys without number has them worked out anew.
    private static let limit = 1_024

    private let topology: Topology
    private var known: [Route: Bool] = [:]

    init(_ topology: Topology) { self.topology = topology }

    mutating func lead(exchange: String, routingKey: String) -> Bool {
        let route = Route(exchange: exchange, routingKey: routingKey)
        if let answer = known[route] { return answer }
        if known.count >= Self.limit { known.removeAll() }
        let answer = topology.leads(exchange: exchange, routingKey: routingKey)
        known[route] = answer
        return answer
    }
}

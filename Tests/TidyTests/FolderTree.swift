/// The map of the sources that a README draws, one folder a line.
///
/// It is the text block whose first line is `Sources/`. A folder whose own folders are drawn must
/// have them all drawn; one without any is not looked into.
struct FolderTree: Equatable {
    /// The names drawn under each folder's path, such as `Sources/Brokers`.
    private(set) var children: [String: Set<String>] = [:]

    /// Nil when the text has no such block.
    init?(_ readme: String) {
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        guard
            let start = lines.indices.dropLast().first(where: {
                lines[$0] == "```text" && lines[$0 + 1].hasPrefix("Sources/")
            })
        else { return nil }
        var path: [String] = []
        for line in lines[(start + 1)...].prefix(while: { $0 != "```" }) {
            let indent = line.prefix { "│├└─ \u{a0}".contains($0) }
            guard let name = Self.folderName(line.dropFirst(indent.count)) else { continue }
            path = path.prefix(indent.count / 4) + [name]
            if path.count > 1 {
                children[path.dropLast().joined(separator: "/"), default: []].insert(name)
            }
        }
    }

    /// The differences between what is drawn and what `folders` finds on the disk.
    func differences(_ folders: (String) throws -> Set<String>) rethrows -> [String] {
        try children.sorted { $0.key < $1.key }.flatMap { parent, drawn in
            let found = try folders(parent)
            return drawn.subtracting(found).sorted().map { "\(parent)/\($0) is drawn, not there" }
                + found.subtracting(drawn).sorted().map { "\(parent)/\($0) is not drawn" }
        }
    }

    private static func folderName(_ line: Substring) -> String? {
        guard let word = line.split(separator: " ").first, word.hasSuffix("/") else { return nil }
        return String(word.dropLast())
    }
}

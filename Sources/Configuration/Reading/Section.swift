import Yams

/// A mapping of the file while it is read.
///
/// Reading goes on after a mistake, so that all are found at once. `finish` then refuses the keys
/// that nobody asked for.
final class Section {
    let findings: Findings
    let path: String
    private let mapping: Node.Mapping
    private let mark: Mark?
    private let catalogPath: String
    private var known: [String] = []

    /// Records a mistake and returns nil where `node` is no mapping.
    init?(_ node: Node, path: String, catalogPath: String, _ findings: Findings) {
        guard let mapping = node.mapping else {
            findings.add("expected a mapping", at: Place(node.mark, path: path))
            return nil
        }
        self.mapping = mapping
        self.mark = node.mark
        self.path = path
        self.catalogPath = catalogPath
        self.findings = findings
    }

    /// Where the section begins.
    var place: Place { Place(mark, path: path) }

    /// Where `key`'s value is, or the section where there is none.
    func place(_ key: String) -> Place { Place(peek(key)?.mark ?? mark, path: "\(path).\(key)") }

    func add(_ problem: String, at key: String) { findings.add(problem, at: place(key)) }

    func has(_ key: String) -> Bool { peek(key) != nil }

    func isList(_ key: String) -> Bool { peek(key)?.sequence != nil }

    func isMapping(_ key: String) -> Bool { peek(key)?.mapping != nil }

    /// The value of `key`, which counts as known from now on; nil where there is none.
    func node(_ key: String) -> Node? {
        if !known.contains(key) { known.append(key) }
        findings.note(key: "\(catalogPath).\(key)")
        guard let node = peek(key) else { return nil }
        guard !node.isAbsent else {
            add("has no value", at: key)
            return nil
        }
        return node
    }

    /// What `read` makes of `key`, or a mistake where the key is missing.
    func need<Value>(_ key: String, _ read: (String) -> Value?) -> Value? {
        let value = read(key)
        if !has(key) { findings.add("`\(key)` is missing", at: place) }
        return value
    }

    func section(_ key: String) -> Section? {
        guard let node = node(key) else { return nil }
        return Section(node, path: "\(path).\(key)", catalogPath: "\(catalogPath).\(key)", findings)
    }

    /// The sections of a mapping from names to sections, in the file's order.
    func named(_ key: String) -> [(name: String, section: Section)] {
        guard let parent = section(key) else { return [] }
        return parent.entries.compactMap { name, node in
            let section = Section(
                node,
                path: "\(parent.path).\(name)",
                catalogPath: "\(parent.catalogPath).*",
                findings
            )
            return section.map { (name, $0) }
        }
    }

    /// The sections of a list.
    func sections(_ key: String) -> [Section] {
        nodes(key).enumerated().compactMap { index, node in
            Section(
                node,
                path: "\(path).\(key)[\(index)]",
                catalogPath: "\(catalogPath).\(key)[]",
                findings
            )
        }
    }

    /// The elements of a list.
    func nodes(_ key: String) -> [Node] {
        guard let node = node(key) else { return [] }
        guard let sequence = node.sequence else {
            add("expected a list", at: key)
            return []
        }
        return Array(sequence)
    }

    /// The one section of several that say of which kind something is.
    func oneOf(_ keys: [String]) -> (kind: String, section: Section)? {
        let found = keys.compactMap { key in node(key).map { (key, $0) } }
        guard found.count == 1, let (kind, node) = found.first else {
            findings.add("expected exactly one of \(words(keys))", at: place)
            return nil
        }
        return Section(
            node,
            path: "\(path).\(kind)",
            catalogPath: "\(catalogPath).\(kind)",
            findings
        )
        .map { (kind, $0) }
    }

    /// Names and values, where names are the user's.
    ///
    /// Names that are none are mistakes.
    var entries: [(name: String, node: Node)] {
        mapping.compactMap { key, node in
            guard let name = key.scalar?.string, Name.isValid(name) else {
                let place = Place(key.mark, path: path)
                findings.add("expected a name: \(Name.rule)", at: place)
                return nil
            }
            known.append(name)
            return (name, node)
        }
    }

    /// Refuses the keys that nobody asked for.
    ///
    /// The key itself is not quoted: it may be a secret
    /// that slipped.
    func finish() {
        for (key, _) in mapping {
            guard let word = key.scalar?.string, !known.contains(word) else { continue }
            let nearest = Suggestion.nearest(to: word, among: known.filter { !has($0) })
            let hint = nearest.map { "; did you mean `\($0)`?" } ?? ""
            findings.add("unknown key\(hint)", at: Place(key.mark, path: path))
        }
    }

    private func peek(_ key: String) -> Node? {
        mapping.first { $0.key.scalar?.string == key }?.value
    }
}

extension Node {
    /// Whether nothing was written, or `null`.
    var isAbsent: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }
}

/// What a name of the configuration looks like.
enum Name {
    static let lengthLimit = 63
    static let rule = "letters, digits, `-`, `_` and `.`, at most 63"

    static func isValid(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.count <= lengthLimit else {
            return false
        }
        return isAlphanumeric(first)
            && text.unicodeScalars.allSatisfy {
                isAlphanumeric($0) || "-_.".unicodeScalars.contains($0)
            }
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
    }
}

/// The words in a row, each in back quotes.
func words(_ words: some Sequence<String>) -> String {
    words.map { "`\($0)`" }.joined(separator: ", ")
}

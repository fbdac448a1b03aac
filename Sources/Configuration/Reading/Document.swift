import Yams

/// The text of a configuration file as a tree, or the one mistake that keeps it from being one.
enum Document {
    static let byteLimit = 1 << 20
    /// libyaml gives up at 1000; nobody needs so many, and each costs stack.
    static let depthLimit = 32

    static func root(_ yaml: String, _ findings: Findings) -> Node? {
        guard yaml.utf8.count <= byteLimit else {
            findings.add("the file is longer than 1 MiB", at: Place(nil, path: ""))
            return nil
        }
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                findings.add("the file is empty; `rekey init` writes one", at: Place(nil, path: ""))
                return nil
            }
            guard isShallow(node, depth: 0) else {
                let place = Place(node.mark, path: "")
                findings.add("nested deeper than \(depthLimit) levels", at: place)
                return nil
            }
            return node
        } catch let error as YamlError {
            // The error itself holds the whole file and prints a line of it.
            findings.add(problem(of: error), at: Place(mark(of: error), path: ""))
        } catch {
            findings.add("not valid YAML", at: Place(nil, path: ""))
        }
        return nil
    }

    private static func isShallow(_ node: Node, depth: Int) -> Bool {
        guard depth <= depthLimit else { return false }
        if let mapping = node.mapping {
            return mapping.allSatisfy {
                isShallow($0.key, depth: depth + 1) && isShallow($0.value, depth: depth + 1)
            }
        }
        return node.sequence?.allSatisfy { isShallow($0, depth: depth + 1) } ?? true
    }

    private static func problem(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _):
            "not valid YAML: \(problem)"
        case .composer(_, let problem, _, _):
            // It may quote an alias.
            "not valid YAML\(problem.contains("alias") ? ": an alias to nothing" : "")"
        case .duplicatedKeysInMapping: "the same key twice in one mapping"
        default: "not valid YAML"
        }
    }

    private static func mark(of error: YamlError) -> Mark? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _),
            .composer(_, _, let mark, _):
            mark
        case .duplicatedKeysInMapping(_, let context): context.mark
        default: nil
        }
    }
}

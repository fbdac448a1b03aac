import Foundation

/// Reads the files in `contracts/`.
enum Contracts {
    struct Unreadable: Error {
        let file: String
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func object(_ file: String) throws -> [String: Any] {
        let bytes = try Data(contentsOf: root.appending(path: "contracts/\(file)"))
        guard let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
            throw Unreadable(file: file)
        }
        return object
    }

    static func files(in folder: String) throws -> Set<String> {
        let url = root.appending(path: "contracts/\(folder)")
        return Set(try FileManager.default.contentsOfDirectory(atPath: url.path()))
    }

    /// Every key that a schema knows, as a path with `*` for a name and `[]` for an index.
    static func keys(of file: String) throws -> Set<String> {
        let schema = try object(file)
        let definitions = schema["$defs"] as? [String: Any] ?? [:]
        return keys(of: schema, at: "", definitions)
    }

    private static func keys(
        of schema: [String: Any],
        at path: String,
        _ definitions: [String: Any]
    ) -> Set<String> {
        var found: Set<String> = []
        if let reference = schema["$ref"] as? String,
            let name = reference.split(separator: "/").last,
            let definition = definitions[String(name)] as? [String: Any]
        {
            found.formUnion(keys(of: definition, at: path, definitions))
        }
        for (key, inner) in schema["properties"] as? [String: [String: Any]] ?? [:] {
            found.insert("\(path).\(key)")
            found.formUnion(keys(of: inner, at: "\(path).\(key)", definitions))
        }
        if let inner = schema["additionalProperties"] as? [String: Any] {
            found.formUnion(keys(of: inner, at: "\(path).*", definitions))
        }
        if let inner = schema["items"] as? [String: Any] {
            found.formUnion(keys(of: inner, at: "\(path)[]", definitions))
        }
        for inner in schema["anyOf"] as? [[String: Any]] ?? [] {
            found.formUnion(keys(of: inner, at: path, definitions))
        }
        return found
    }

    /// The paths of objects that list their properties and let others pass.
    static func openObjects(in schema: Any, at path: String = "") -> [String] {
        if let list = schema as? [Any] {
            return list.flatMap { openObjects(in: $0, at: path + "[]") }
        }
        guard let object = schema as? [String: Any] else { return [] }
        let isOpen =
            object["properties"] is [String: Any] && object["type"] as? String == "object"
            && object["additionalProperties"] as? Bool != false
        return (isOpen ? [path] : [])
            + object.flatMap { openObjects(in: $0.value, at: "\(path).\($0.key)") }
    }
}

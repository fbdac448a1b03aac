import Foundation
import RealParts
import RekeyCore

/// One schema of `contracts/events`, as far as JSON Schema 2020-12 is used there.
///
/// A keyword that it does not know is an error, so that none is passed over.
struct EventSchema {
    private static let notes: Set<String> = ["$schema", "$id", "title", "description"]

    private let schema: [String: Any]

    /// The schema of a type, such as `rekey.rotation.completed.v1`.
    init(of type: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "contracts/events/\(type).schema.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        guard let schema = object as? [String: Any] else { throw PartFailure("\(file.path)") }
        self.schema = schema
    }

    /// What is wrong with an event, each with its place; nothing where it keeps the contract.
    func complaints(about body: [UInt8]) throws -> [String] {
        try Self.complaints(JSONSerialization.jsonObject(with: Data(body)), schema, at: "")
    }

    private static func complaints(
        _ value: Any,
        _ schema: [String: Any],
        at place: String
    ) throws -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema where !notes.contains(keyword) {
            switch keyword {
            case "properties", "required", "additionalProperties":
                guard let object = value as? [String: Any] else { continue }
                found += try complaints(object, keyword, schema, at: place)
            case "items":
                guard let list = value as? [Any], let inner = rule as? [String: Any] else {
                    continue
                }
                for (index, item) in list.enumerated() {
                    found += try complaints(item, inner, at: "\(place)[\(index)]")
                }
            default:
                if try !keeps(value, keyword, rule) { found.append("\(place): \(keyword)") }
            }
        }
        return found
    }

    private static func complaints(
        _ object: [String: Any],
        _ keyword: String,
        _ schema: [String: Any],
        at place: String
    ) throws -> [String] {
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        switch keyword {
        case "required":
            let needed = schema["required"] as? [String] ?? []
            return needed.filter { object[$0] == nil }.map { "\(place).\($0): required" }
        case "additionalProperties":
            guard schema["additionalProperties"] as? Bool == false else {
                throw PartFailure("additionalProperties is not false at \(place)")
            }
            return object.keys.filter { properties[$0] == nil }.map { "\(place).\($0): unknown" }
        default:
            return try properties.flatMap { name, inner in
                try object[name].map { try complaints($0, inner, at: "\(place).\(name)") } ?? []
            }
        }
    }

    private static func keeps(_ value: Any, _ keyword: String, _ rule: Any) throws -> Bool {
        let text = value as? String
        switch (keyword, rule) {
        case ("type", let type as String): return try isKind(value, type)
        case ("const", let wanted as String): return text == wanted
        case ("enum", let list as [String]): return text.map(list.contains) ?? false
        case ("minLength", let count as Int): return text.map { $0.count >= count } ?? true
        case ("maxLength", let count as Int): return text.map { $0.count <= count } ?? true
        case ("minimum", let least as Double):
            return (value as? Double).map { $0 >= least } ?? true
        case ("format", let format as String): return try text.map { try isOf($0, format) } ?? true
        default: throw PartFailure("a keyword that is not understood: \(keyword)")
        }
    }

    private static func isOf(_ text: String, _ format: String) throws -> Bool {
        switch format {
        case "uuid": UUID(uuidString: text) != nil
        case "uri": URL(string: text)?.scheme != nil
        case "date-time": Timestamp.date(text) != nil
        default: throw PartFailure("a format that is not understood: \(format)")
        }
    }

    private static func isKind(_ value: Any, _ type: String) throws -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": value is Bool
        case "integer": (value as? Double).map { $0 == $0.rounded() } ?? false
        case "number": value is Double
        default: throw PartFailure("a type that is not understood: \(type)")
        }
    }
}

import Foundation

@testable import azure_standin

/// One recorded exchange with Azure.
struct Recording: Decodable, Sendable, CustomStringConvertible {
    struct Request: Decodable, Sendable {
        let method: String
        let url: String
        let body: String?
    }

    struct Response: Decodable, Sendable {
        let status: Int
        let headers: [String: String]
        let body: String
    }

    let tag: String
    let seq: Int
    let request: Request
    let response: Response

    var description: String { "\(tag) \(seq)" }

    static func all(_ tag: String) throws -> [Recording] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures/exchanges.json")
        return try JSONDecoder().decode([Recording].self, from: Data(contentsOf: file))
            .filter { $0.tag == tag }
    }

    /// The request, as a client would send it to the stand-in.
    func call(_ api: API, bearer: String? = "token") -> Call {
        let withoutScheme = request.url.dropFirst("https://".count)
        let slash = withoutScheme.firstIndex(of: "/") ?? withoutScheme.endIndex
        return Call(
            api: api,
            method: request.method,
            target: String(withoutScheme[slash...]),
            headers: bearer.map { ["authorization": "Bearer \($0)"] } ?? [:],
            body: Array((request.body ?? "").utf8),
            authority: String(withoutScheme[..<slash])
        )
    }
}

/// What two JSON texts have in common when values are left out.
enum Shape {
    /// Where `actual` lacks a member of `expected`, has another type, or is null where it is not.
    static func differences(_ actual: JSON, _ expected: JSON, at place: String = "") -> [String] {
        switch (actual, expected) {
        case (.object(let mine), .object(let theirs)):
            return theirs.keys.sorted().flatMap { key -> [String] in
                guard let value = mine[key], let other = theirs[key] else {
                    return ["\(place).\(key) is missing"]
                }
                return differences(value, other, at: "\(place).\(key)")
            }
        case (.array(let mine), .array(let theirs)):
            guard let first = theirs.first else { return [] }
            guard !mine.isEmpty else { return ["\(place) is empty"] }
            return mine.indices.flatMap { differences(mine[$0], first, at: "\(place)[\($0)]") }
        case (.string, .string), (.integer, .integer), (.bool, .bool), (.null, .null):
            return []
        default: return ["\(place) is of another type"]
        }
    }
}

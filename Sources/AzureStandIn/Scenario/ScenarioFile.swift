import Foundation

/// Reads a scenario and says where it is wrong, without quoting it.
enum ScenarioFile {
    static func read(_ path: String) throws -> Scenario {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ControlRefusal("\(path): cannot be read")
        }
        do {
            return try JSONDecoder().decode(Scenario.self, from: data)
        } catch let error as DecodingError {
            throw ControlRefusal("\(path): \(description(of: error))")
        }
    }

    static func description(of error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context): "\(place(context)): expected another type"
        case .valueNotFound(_, let context): "\(place(context)): a value is missing"
        case .keyNotFound(let name, let context):
            "\(place(context)): \(name.stringValue) is missing"
        case .dataCorrupted(let context): "\(place(context)): not valid JSON"
        @unknown default: "not what was expected"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { part in
            part.intValue.map { "[\($0)]" } ?? ".\(part.stringValue)"
        }
        return path.isEmpty ? "body" : path.joined().trimmingPrefix(".").description
    }
}

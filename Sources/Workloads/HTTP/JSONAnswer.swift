/// What an application answered, as far as a pointer can lead into it.
enum JSONAnswer: Decodable {
    case object([String: JSONAnswer])
    case list([JSONAnswer])
    case single(String)
    case nothing

    init(from decoder: any Decoder) throws {
        // Each attempt may fail: JSON says its type only by what decodes.
        if let object = try? [String: JSONAnswer](from: decoder) {
            self = .object(object)
        } else if let list = try? [JSONAnswer](from: decoder) {
            self = .list(list)
        } else {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .single(text)
            } else if let truth = try? container.decode(Bool.self) {
                self = .single(truth ? "true" : "false")
            } else if let number = try? container.decode(Int.self) {
                self = .single(String(number))
            } else if let number = try? container.decode(Double.self) {
                self = .single(String(number))
            } else {
                self = .nothing
            }
        }
    }

    subscript(token: String) -> JSONAnswer? {
        switch self {
        case .object(let object): object[token]
        case .list(let list):
            Int(token).flatMap { list.indices.contains($0) ? list[$0] : nil }
        case .single, .nothing: nil
        }
    }

    var text: String? {
        if case .single(let text) = self { return text }
        return nil
    }
}

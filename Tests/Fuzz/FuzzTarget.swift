/// One parser of outside bytes, with what it promises whatever they are.
struct FuzzTarget: Sendable {
    let name: String
    /// Pieces of the parser's language, which mutation puts in.
    let words: [String]
    /// Longer inputs are cut to this.
    let byteLimit: Int
    /// Throws a `BrokenPromise`; a trap or a hang is told by whoever runs it.
    let check: @Sendable ([UInt8]) async throws -> Void

    init(
        _ name: String,
        words: [String] = [],
        byteLimit: Int = 4_096,
        check: @escaping @Sendable ([UInt8]) async throws -> Void
    ) {
        self.name = name
        self.words = words
        self.byteLimit = byteLimit
        self.check = check
    }

    static func named(_ name: String) -> FuzzTarget? {
        (all + planted).first { $0.name == name }
    }
}

/// What a parser did that it must never do.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws where `isKept` is false.
func promise(_ what: String, _ isKept: Bool) throws(BrokenPromise) {
    guard isKept else { throw BrokenPromise(what) }
}

/// What stands for a secret in an input, and must not be found in any error's text.
enum Canary {
    static let text = "canary 7Qx9!"
    /// A text that names places and codes has no reason to be longer.
    private static let errorByteLimit = 16 * 1024

    /// Holds an error's text to what all of them promise: short, and silent about the input.
    static func check(_ error: any Error) throws(BrokenPromise) {
        let text = "\(error)"
        try promise("an error quotes the secret", !text.contains(Self.text))
        try promise("an error is too long", text.utf8.count <= errorByteLimit)
    }
}

import Foundation

/// Where an initial value comes from: generated, an environment variable, or a file.
enum ValueSource {
    static let generatedLength = 32

    /// Reads or makes the value; the refusal names the source and never the value.
    static func value(_ source: String?, place: String) throws -> (value: String, isNew: Bool) {
        guard let source, source != "generate" else { return (generated(), true) }
        if let name = source.wholeMatch(of: /env:(.+)/)?.1 {
            guard let value = ProcessInfo.processInfo.environment[String(name)] else {
                throw ControlRefusal("\(place): the environment has no \(name)")
            }
            return (value, false)
        }
        if let path = source.wholeMatch(of: /file:(.+)/)?.1 {
            guard let data = FileManager.default.contents(atPath: String(path)) else {
                throw ControlRefusal("\(place): cannot read \(path)")
            }
            var text = String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n") { text.removeLast() }
            return (text, false)
        }
        throw ControlRefusal("\(place): expected generate, env:NAME or file:PATH")
    }

    private static func generated() -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        return String(
            (0..<generatedLength).compactMap { _ in alphabet.randomElement(using: &generator) }
        )
    }

    /// Writes a value for the tests that need it, readable by this user only.
    static func write(_ value: String, to path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try PrivateFile.write(Data(value.utf8), to: path)
    }
}

/// Ids that are the same at every start, made from names.
enum StableID {
    static func uuid(_ name: String) -> String {
        var hex = Array(SecretDigest.hex("azure-standin/\(name)").prefix(32))
        // Version 8 is for ids of one's own making (RFC 9562 §5.8).
        hex[12] = "8"
        hex[16] = "a"
        for index in [20, 16, 12, 8] { hex.insert("-", at: index) }
        return String(hex)
    }
}

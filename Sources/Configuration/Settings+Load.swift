import Foundation

extension Settings {
    /// Reads the configuration file at `path`.
    ///
    /// A file that cannot be read is one mistake, at its first line.
    package static func load(path: String) throws(ConfigurationErrors) -> Settings {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        // One byte more than is allowed tells that the file is too long, whatever its length.
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw unreadable(file, "cannot be opened")
        }
        let bytes: Data
        do {
            bytes = try handle.read(upToCount: Document.byteLimit + 1) ?? Data()
        } catch {
            throw unreadable(file, "cannot be read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw unreadable(file, "is not UTF-8")
        }
        return try parse(text, file: file)
    }

    private static func unreadable(_ file: String, _ problem: String) -> ConfigurationErrors {
        let problem = "the file \(problem); `rekey init` writes one"
        return ConfigurationErrors(
            errors: [
                ConfigurationError(file: file, line: 1, column: 1, path: "", problem: problem)
            ]
        )
    }
}

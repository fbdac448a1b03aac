import Foundation

/// The repository that these tests were built from.
struct Repository: Sendable {
    static let current = Repository(file: #filePath)

    /// What may lie at the top beside dotfiles; `Package.resolved` is not under version control.
    static let topLevel: Set = [
        "Package.swift", "Package.resolved", "Sources", "Tests", "deploy", "contracts", "README.md",
    ]

    private static let textSuffixes = [".swift", ".sh", ".py", ".md", ".yaml", ".json", ".service"]

    let root: URL

    /// `file` is this file's place: the root is two folders above its folder.
    private init(file: String) {
        let resolved = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        root = resolved.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// All Swift files of `Sources` and `Tests`.
    var swiftFiles: [SourceFile] { get throws { try Self.ownSwift.get() } }

    /// Read once: to tell code from comments takes a second.
    private static let ownSwift = Result {
        try current.files(under: ["Sources", "Tests"], suffixes: [".swift"])
    }

    /// All text that is published: code, scripts, documents.
    var publishedFiles: [SourceFile] {
        get throws {
            try files(
                under: ["Sources", "Tests", "deploy", "contracts"],
                suffixes: Self.textSuffixes
            )
        }
    }

    /// The names of the folders and files directly in `folder`, without dotfiles.
    func names(in folder: String = "") throws -> [String] {
        let place = root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: place.path)
            .filter { !$0.hasPrefix(".") }
    }

    /// The names of the folders directly in `folder` that hold at least one file, at any depth.
    func folders(in folder: String) throws -> Set<String> {
        Set(
            try names(in: folder).filter { name in
                let place = root.appendingPathComponent(folder).appendingPathComponent(name)
                return try !filePaths(under: place).isEmpty && place.hasDirectoryOnDisk
            }
        )
    }

    func text(of path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private func files(under folders: [String], suffixes: [String]) throws -> [SourceFile] {
        try folders.flatMap { try filePaths(under: root.appendingPathComponent($0)) }
            .filter { path in suffixes.contains { path.hasSuffix($0) } }
            .map { path in
                SourceFile(
                    String(path.dropFirst(root.path.count + 1)),
                    try String(contentsOfFile: path, encoding: .utf8)
                )
            }
    }

    private func filePaths(under place: URL) throws -> [String] {
        let walk = FileManager.default.enumerator(
            at: place,
            includingPropertiesForKeys: [.isRegularFileKey],
            options: [.skipsHiddenFiles]
        )
        var paths: [String] = []
        while let file = walk?.nextObject() as? URL {
            if try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
                paths.append(file.path)
            }
        }
        return paths
    }
}

extension URL {
    fileprivate var hasDirectoryOnDisk: Bool {
        (try? resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
}

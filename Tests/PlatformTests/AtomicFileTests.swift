import Foundation
import Glibc
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A file that is replaced` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `is made where there was none, readable by its owner only`() throws {
        try AtomicFile.replace(folder.file("env"), contents: Secret(text: "A=1\n"))
        #expect(try folder.text(of: "env") == "A=1\n")
        #expect(try mode(of: "env") == 0o600)
        #expect(try folder.names == ["env"])
    }

    @Test(arguments: [0o600, 0o640, 0o644, 0o400])
    func `has the new contents and the mode that was asked for`(mode: Int) throws {
        try folder.write("old and longer".utf8, to: "env")
        for _ in 0..<2 {
            try AtomicFile.replace(
                folder.file("env"),
                contents: Secret(text: "new"),
                mode: UInt32(mode),
                owner: FileOwner(user: getuid(), group: getgid())
            )
            #expect(try folder.text(of: "env") == "new")
            #expect(try self.mode(of: "env") == mode)
        }
        #expect(try folder.names == ["env"])
    }

    @Test func `takes the contents whatever their length`() throws {
        for count in [0, 1, 5_000_000] {
            let contents = RandomBytes.secret(byteCount: count)
            try AtomicFile.replace(folder.file("env"), contents: contents)
            #expect(try folder.bytes(of: "env") == contents.bytes)
        }
    }

    @Test func `is the link itself, where it is one`() throws {
        try folder.write("kept".utf8, to: "elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("env"),
            withDestinationPath: folder.file("elsewhere")
        )
        try AtomicFile.replace(folder.file("env"), contents: Secret(text: "new"))
        #expect(try folder.text(of: "elsewhere") == "kept")
        #expect(try folder.text(of: "env") == "new")
    }

    @Test func `is left as it was when that fails, and nothing beside it`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("env"),
            withIntermediateDirectories: false
        )
        let failure = #expect(throws: FileFailure.self) {
            try AtomicFile.replace(folder.file("env"), contents: Secret(text: "marked"))
        }
        #expect(failure?.call == "rename")
        #expect(failure?.code == EISDIR)
        #expect(failure?.description.contains("marked") == false)
        #expect(try folder.names == ["env"])
        let missing = #expect(throws: FileFailure.self) {
            try AtomicFile.replace(folder.file("no/env"), contents: Secret(text: "marked"))
        }
        #expect(missing?.call == "open")
        #expect(missing?.code == ENOENT)
    }

    @Test func `is whole for everybody who reads it meanwhile`() async throws {
        let folder = folder
        let contents = (0..<2).map { Secret(copying: [UInt8](repeating: $0, count: 300_000)) }
        try AtomicFile.replace(folder.file("env"), contents: contents[0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<20 {
                    await Task.yield()
                    try AtomicFile.replace(folder.file("env"), contents: contents[round % 2])
                }
            }
            group.addTask {
                for _ in 0..<100 {
                    await Task.yield()
                    let bytes = try folder.bytes(of: "env")
                    #expect(bytes.count == 300_000)
                    #expect(Set(bytes).count == 1)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `is not made anew where one exists`() throws {
        try folder.write("old".utf8, to: "signer.pem")
        let failure = #expect(throws: FileFailure.self) {
            try AtomicFile.create(folder.file("signer.pem"), contents: Secret(text: "new"))
        }
        #expect(failure?.code == EEXIST)
        #expect(try folder.text(of: "signer.pem") == "old")
    }

    private func mode(of name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
        return attributes[.posixPermissions] as? Int
    }
}

import Foundation
import RealParts
import RekeyCore
import Testing

@testable import RekeyAgent

@Suite struct `An environment file` {
    @Test(arguments: [
        ("A=1\nB=2\n", "A=1\nB=new\n"),
        ("A=1\nexport B=\"old\"\n# B=3\n", "A=1\nexport B=new\n# B=3\n"),
        ("", "B=new\n"),
        ("A=1", "A=1\nB=new\n"),
        ("B=1\r\nC=3\r\n", "B=new\r\nC=3\r\n"),
        ("B=1\nB=2\n", "B=1\nB=new\n"),
        ("BB=1\n B = 2\n", "BB=1\n B =new\n"),
        ("A=1\r\n", "A=1\r\nB=new\r\n"),
        ("B=\"one\ntwo\" # old\nC=3\n", "B=new\nC=3\n"),
        ("A='x\nB=inside\n'\nB=1\n", "A='x\nB=inside\n'\nB=new\n"),
        ("A='\nB=1\n", "A='\nB=new\n"),
        ("# export B=1\nB\n=\n", "# export B=1\nB\n=\nB=new\n"),
        ("\u{e9}=1\nB=1", "\u{e9}=1\nB=new"),
    ])
    func `changes one variable and keeps every other byte`(before: String, after: String) throws {
        let value = Secret(copying: "new".utf8)
        let changed = try EnvironmentFile.replacing("B", with: value, in: Array(before.utf8))
        #expect(changed == Secret(copying: after.utf8))
    }

    @Test(arguments: [
        ("a~b.c-d", "B=a~b.c-d\n"),
        ("two words", "B='two words'\n"),
        ("it's", "B=\"it's\"\n"),
        ("$x`y\"'", "B=\"\\$x\\`y\\\"'\"\n"),
    ])
    func `quotes a value where a reader would take it otherwise`(value: String, line: String) throws
    {
        let secret = Secret(copying: value.utf8)
        let changed = try EnvironmentFile.replacing("B", with: secret, in: [])
        #expect(changed == Secret(copying: line.utf8))
    }

    // An agent that was killed between the writing and the renaming left a value there for ever.
    @Test func `is alone again after one that was killed while it wrote`() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("B=1\n", to: ".env")
        let kept = ["..env.0123456789abcde", "..env.0123456789abcdefx", "..env.mine", ".envelope"]
        for name in kept { _ = try folder.write("kept", to: name) }
        _ = try folder.write("B=half", to: "..env.0123456789abcdef")
        try EnvironmentFile.set("B", to: Secret(copying: "new".utf8), in: path)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == (kept + [".env"]).sorted())
    }

    @Test func `keeps its mode`() throws {
        let folder = try TemporaryDirectory("environment")
        let path = try folder.write("B=1\n", to: "app.env", mode: 0o640)
        try EnvironmentFile.set("B", to: Secret(copying: "2".utf8), in: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
        #expect(FileManager.default.contents(atPath: path) == Data("B=2\n".utf8))
    }

    // A shell is the strictest reader of the quotes.
    @Test(arguments: ["two words", "it's", "$x`y\"'\\", "a\\b", "#", " = "])
    func `is read by a shell as it was meant`(value: String) async throws {
        let folder = try TemporaryDirectory("environment")
        let path = folder.file("app.env")
        try EnvironmentFile.set("B", to: Secret(copying: value.utf8), in: path)
        let script = ". \(path); printf %s \"$B\""
        #expect(try await ChildProcess.run("/bin/sh", ["-c", script]).output == value)
    }

    // Found by fuzzing (Corpus/environment-file/05): A took B's place, and B was gone.
    @Test(arguments: ["A='one\nB=1\n", "B='one\nB=1\n", "A='one\n"])
    func `is left as it is where the new value would close another's quote`(before: String) throws {
        let failure = #expect(throws: AgentFailure.self) {
            try EnvironmentFile.replacing(
                "B",
                with: Secret(copying: "#new".utf8),
                in: Array(before.utf8)
            )
        }
        let text = failure.map { "\($0)" } ?? ""
        #expect(text.contains("a quote before B is never closed"))
        #expect(!text.contains("new'"))
    }

    @Test(arguments: ["B=\"never closed\nC=1\n", "A=1\u{0}\nB=2\n"])
    func `that cannot be told apart is left as it is`(before: String) throws {
        let folder = try TemporaryDirectory("environment")
        let path = try folder.write(before, to: "app.env")
        let failure = #expect(throws: AgentFailure.self) {
            try EnvironmentFile.set("B", to: Secret(copying: "s3cret".utf8), in: path)
        }
        #expect(failure?.description.contains("s3cret") == false)
        #expect(failure?.description.contains(path) == true)
        #expect(FileManager.default.contents(atPath: path) == Data(before.utf8))
    }

    // A link's own mode is 0777, and what it leads to is not the operator's word.
    @Test func `is never written through a link`() throws {
        let folder = try TemporaryDirectory("environment")
        let real = try folder.write("B=1\n", to: "real.env")
        let link = folder.file("app.env")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        #expect(throws: AgentFailure.self) {
            try EnvironmentFile.set("B", to: Secret(copying: "2".utf8), in: link)
        }
        #expect(FileManager.default.contents(atPath: real) == Data("B=1\n".utf8))
    }

    @Test func `refuses a name that is none`() {
        #expect(throws: AgentFailure.self) {
            try EnvironmentFile.set("A B", to: Secret(copying: "2".utf8), in: "/nowhere/app.env")
        }
    }
}

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
    ])
    func `changes one variable and keeps every other byte`(before: String, after: String) {
        let value = Secret(copying: "new".utf8)
        let changed = EnvironmentFile.replacing("B", with: value, in: Array(before.utf8))
        #expect(changed == Secret(copying: after.utf8))
    }

    @Test(arguments: [
        ("a~b.c-d", "B=a~b.c-d\n"),
        ("two words", "B='two words'\n"),
        ("it's", "B=\"it's\"\n"),
        ("$x`y\"'", "B=\"\\$x\\`y\\\"'\"\n"),
    ])
    func `quotes a value where a reader would take it otherwise`(value: String, line: String) {
        let changed = EnvironmentFile.replacing("B", with: Secret(copying: value.utf8), in: [])
        #expect(changed == Secret(copying: line.utf8))
    }

    @Test func `keeps its mode`() throws {
        let folder = try TemporaryDirectory("environment")
        let path = try folder.write("B=1\n", to: "app.env", mode: 0o640)
        try EnvironmentFile.set("B", to: Secret(copying: "2".utf8), in: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
        #expect(FileManager.default.contents(atPath: path) == Data("B=2\n".utf8))
    }

    @Test func `refuses a name that is none`() {
        #expect(throws: AgentFailure.self) {
            try EnvironmentFile.set("A B", to: Secret(copying: "2".utf8), in: "/nowhere/app.env")
        }
    }
}

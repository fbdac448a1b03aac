import Foundation
import RealParts

/// The programs of the same build.
enum Program {
    /// Beside the test program, or in the folder that `REKEY_BIN_DIR` names.
    static func path(_ name: String) throws -> String {
        let folder: String
        if let named = ProcessInfo.processInfo.environment["REKEY_BIN_DIR"] {
            folder = named
        } else {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            folder = (own as NSString).deletingLastPathComponent
        }
        let path = (folder as NSString).appendingPathComponent(name)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw PartFailure("no \(name) in \(folder)")
        }
        return path
    }
}

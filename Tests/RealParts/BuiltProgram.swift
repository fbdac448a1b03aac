import Foundation

/// The programs of the same build.
package enum BuiltProgram {
    /// Where `name` lies: beside the running program, or in the folder that `REKEY_BIN_DIR` names.
    ///
    /// - Throws: `PartFailure` where it is not there, or cannot be run.
    package static func path(_ name: String) throws -> String {
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

import ArgumentParser
import Foundation

/// Lets libFuzzer look for inputs that reach new code, in a build that `deploy/fuzz.sh` makes.
struct Explore: ParsableCommand {
    @Argument(help: "The target's name.")
    var target: String

    @Argument(parsing: .captureForPassthrough, help: "libFuzzer's own arguments.")
    var arguments: [String] = []

    func run() throws {
        #if LIBFUZZER
        guard FuzzTarget.named(target) != nil else {
            throw ValidationError("no target named \(target)")
        }
        throw ExitCode(LibFuzzer.run(target, arguments))
        #else
        throw ValidationError("this build has no libFuzzer; use deploy/fuzz.sh")
        #endif
    }
}

import Foundation
import RealParts
import Testing

/// What a user sees who presses TAB, in the shells themselves, at a terminal of their own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `A completion script` {
    /// A shell, how it is started without anybody's settings, and how it takes completions up.
    struct Shell: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        let file: String
        /// Takes the file up, and puts a command in place of `rekey` that says what it was given.
        let setUp: String

        var testDescription: String { name }
    }

    static let shells = [
        Shell(
            name: "bash",
            arguments: ["--norc", "--noprofile", "-i"],
            file: "rekey.bash",
            setUp: "source ./rekey.bash; rekey() { echo \"given <$*>\"; }"
        ),
        Shell(
            name: "zsh",
            arguments: ["-f", "-i"],
            file: "_rekey",
            setUp: "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -d ./dump; "
                + "rekey() { echo \"given <$*>\"; }"
        ),
        Shell(
            name: "fish",
            arguments: ["--no-config", "-i"],
            file: "rekey.fish",
            setUp: "source ./rekey.fish; function rekey; echo \"given <$argv>\"; end"
        ),
    ]

    @Test(arguments: shells)
    func `completes commands and values in its shell`(shell: Shell) async throws {
        let folder = try TemporaryDirectory("completion")
        let made = try await ChildProcess.run(
            try BuiltProgram.path("rekey"),
            ["--generate-completion-script", shell.name]
        )
        #expect(made.succeeded && made.errors.isEmpty, "\(made.errors)")
        try folder.write(made.output, to: shell.file)
        try folder.write(Self.typist, to: "typist.py")
        let typed = [
            ("rekey rot", "rotate"), ("rekey parked disc", "parked discard"),
            ("rekey rotate --reason comp", "rotate --reason compromise"),
        ]
        for (text, expected) in typed {
            var environment = ProcessInfo.processInfo.environment
            environment["HOME"] = folder.path
            environment["TERM"] = "xterm"
            let outcome = try await ChildProcess.run(
                "python3",
                [folder.file("typist.py"), shell.setUp, text, "<\(expected)", shell.name]
                    + shell.arguments,
                environment: environment,
                workingDirectory: folder.path
            )
            #expect(outcome.exit == .code(0), "\(text): \(outcome.output)\(outcome.errors)")
        }
    }

    /// Types at a shell's terminal, presses TAB and return, and waits for what then has to be said.
    private static let typist = """
        import os, pty, select, signal, sys, time

        set_up, text, expected, *shell = sys.argv[1:]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp(shell[0], shell)
        seen = b""

        def wait_for(word):
            global seen
            deadline = time.monotonic() + 20
            while word not in seen and time.monotonic() < deadline:
                if select.select([terminal], [], [], 0.1)[0]:
                    seen += os.read(terminal, 65536)
            return word in seen

        os.write(terminal, (set_up + "; echo set''up\\n").encode())
        found = wait_for(b"setup")
        os.write(terminal, text.encode() + b"\\t\\n")
        found = found and wait_for(expected.encode())
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if not found:
            sys.exit(repr(seen.decode(errors="replace")))
        """
}

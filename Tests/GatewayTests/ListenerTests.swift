import Hummingbird
import Logging
import RealParts
import RekeyPlatform
import Testing

@testable import RekeyGateway

@Suite(.timeLimit(.minutes(1))) struct `What listens` {
    // Callers that sent nothing stayed, and took every file that the worker might open.
    @Test func `ends a connection that is silent`() async throws {
        let port = try FreePort.next()
        let listener = Listener(
            name: "test",
            host: "127.0.0.1",
            port: port,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            idleSeconds: 1
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let router = Router()
                router.get("/") { _, _ in "here" }
                try await listener.serve(router)
            }
            let http = HTTPClient(name: "listener-tests")
            try await eventually("it answers") {
                let url = "http://127.0.0.1:\(port)/"
                return try await http.send(RekeyPlatform.HTTPRequest(.get, url)).status == 200
            }
            // It reads until the other side ends the connection.
            let silent = try await ChildProcess.run(
                "/bin/bash",
                ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port) && cat <&3"]
            )
            #expect(silent.succeeded, "\(silent.errors)")
            group.cancelAll()
        }
    }
}

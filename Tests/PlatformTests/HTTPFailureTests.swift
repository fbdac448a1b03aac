import Foundation
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A request that fails` {
    private let client = HTTPClient()

    @Test func `was not sent where nobody listens`() async throws {
        let port = try LoopbackServer.closedPort()
        let failure = await client.failure(
            of: HTTPRequest(.post, "http://127.0.0.1:\(port)/p?q=marked")
        )
        #expect(failure?.kind == .notSent)
        #expect(failure?.code == 7)
        #expect(failure?.description.contains("127.0.0.1:\(port)") == true)
        #expect(failure?.description.contains("marked") == false)
    }

    @Test func `was not sent where nobody accepts the connection in time`() async throws {
        let server = try DeafServer()
        var request = HTTPRequest(.post, server.url)
        request.connectTimeout = .milliseconds(300)
        let failure = await client.failure(of: request)
        #expect(failure?.kind == .notSent)
        #expect(failure?.code == 28)
    }

    @Test func `was not sent where the name does not exist`() async throws {
        let failure = await client.failure(
            of: HTTPRequest(.post, "https://does-not-exist.invalid/")
        )
        #expect(failure?.kind == .notSent)
        #expect(failure?.description.contains("does-not-exist.invalid:443") == true)
    }

    @Test func `may have been sent when its time ends before the answer`() async throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let request = HTTPRequest(.post, server.url(), timeout: .milliseconds(300))
        let failure = await client.failure(of: request)
        #expect(failure?.kind == .maybeSent)
        #expect(failure?.code == 28)
        #expect(server.requests.count == 1)
    }

    @Test func `may have been sent when its time ends within the answer`() async throws {
        let server = try LoopbackServer { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        }
        defer { server.stop() }
        let failure = await client.failure(
            of:
                HTTPRequest(.put, server.url(), timeout: .milliseconds(300))
        )
        #expect(failure?.kind == .maybeSent)
    }

    @Test(arguments: [LoopbackServer.Reply.reset, .hangUp])
    func `may have been sent when the server goes, and is sent once`(
        reply: LoopbackServer.Reply
    ) async throws {
        let server = try LoopbackServer { $0.line.hasPrefix("GET") ? .status("200 OK") : reply }
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(.get, server.url()))
        let request = HTTPRequest(.post, server.url(), body: Secret(text: "{}"))
        let failure = await client.failure(of: request)
        #expect(failure?.kind == .maybeSent)
        #expect(server.requests.count == 2)
    }

    @Test func `may have been sent when the answer breaks off`() async throws {
        let server = try LoopbackServer { request in
            request.line.contains("/a")
                ? .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab") : .hangUp
        }
        let client = client
        async let outcome = client.failure(of: HTTPRequest(.put, server.url("/a")))
        try await eventually { server.requests.count == 1 }
        server.stop()
        #expect(await outcome?.kind == .maybeSent)
    }

    @Test func `may have been sent when the answer is no HTTP`() async throws {
        let server = try LoopbackServer { _ in .raw("220 mail.example ESMTP\r\n") }
        defer { server.stop() }
        #expect(await client.failure(of: HTTPRequest(.post, server.url()))?.kind == .maybeSent)
    }

    @Test(arguments: [(99, false), (100, true), (101, true)])
    func `may have been sent when the answer is longer than its limit`(
        limit: Int,
        isEnough: Bool
    ) async throws {
        let server = try LoopbackServer { _ in
            .status("200 OK", body: Array(repeating: 7, count: 100))
        }
        defer { server.stop() }
        var request = HTTPRequest(.post, server.url())
        request.responseByteLimit = limit
        let failure = await client.failure(of: request)
        #expect(failure == nil || failure?.kind == .maybeSent)
        #expect((failure == nil) == isEnough)
        #expect(isEnough || failure?.description.contains("longer than 99 bytes") == true)
    }

    @Test func `may have been sent when the headers of its answer have no end`() async throws {
        let lines = String(
            repeating: "X-Line: \(String(repeating: "x", count: 1000))\r\n",
            count: 400
        )
        let server = try LoopbackServer { _ in .raw("HTTP/1.1 200 OK\r\n" + lines + "\r\n") }
        defer { server.stop() }
        let failure = await client.failure(of: HTTPRequest(.post, server.url()))
        #expect(failure?.kind == .maybeSent)
        #expect(failure?.description.contains("longer") == true)
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "", "nothing", "http://",
        "https://user:marked@127.0.0.1/", "https://user@127.0.0.1/",
        "http://127.0.0.1/\r\nA: marked",
        "http://127.0.0.1/ marked", "http://127.0.0.1:99999/marked",
    ])
    func `is refused where its URL is not one that is sent`(url: String) async {
        let failure = await client.failure(of: HTTPRequest(.get, url))
        #expect(failure?.kind == .refused)
        #expect(failure?.description.contains("marked") == false)
    }

    @Test(arguments: [
        HTTPHeader(name: "X-Marked", value: "a\r\nHost: marked"),
        HTTPHeader(name: "X-Marked", secret: Secret(text: "marked\n")),
        HTTPHeader(name: "X-Marked", secret: Secret(text: "marked\0")),
        HTTPHeader(name: "X-Marked:", value: "marked"),
        HTTPHeader(name: "", value: "marked"),
        HTTPHeader(name: "X-Marked", value: String(repeating: "marked", count: 20_000)),
    ])
    func `is refused where a header is not one line`(header: HTTPHeader) async throws {
        let port = try LoopbackServer.closedPort()
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/", headers: [header])
        let failure = await client.failure(of: request)
        #expect(failure?.kind == .refused)
        #expect(failure?.description.contains("marked") == false)
    }

    @Test func `is refused where its body is too long`() async {
        let bytes = [UInt8](repeating: 0, count: HTTPRequest.bodyByteLimit + 1)
        let request = HTTPRequest(.put, "http://127.0.0.1:1/", body: Secret(copying: bytes))
        #expect(await client.failure(of: request)?.kind == .refused)
    }

    @Test func `says nothing that was secret, however it is printed`() async throws {
        let marker = "S3cr3tM4rk"
        let header = HTTPHeader(
            name: "Authorization",
            secret: Secret(text: marker),
            prefix: "Bearer "
        )
        let plain = HTTPHeader(name: "X-Plain", value: marker)
        let url = "http://127.0.0.1:\(try LoopbackServer.closedPort())/\(marker)?sig=\(marker)"
        let request = HTTPRequest(
            .post,
            url,
            headers: [header, plain],
            body: Secret(text: marker)
        )
        let failure = try #require(await client.failure(of: request))
        var dumped = ""
        dump(request, to: &dumped)
        dump(failure, to: &dumped)
        dump(header, to: &dumped)
        let response = HTTPResponse(
            status: 200,
            headers: HTTPHeaders([("Location", marker)]),
            body: Secret(text: marker)
        )
        dump(response, to: &dumped)
        let texts = [
            "\(request)", String(reflecting: request), "\(failure)", String(reflecting: failure),
            "\(header)", String(reflecting: plain), "\(response)", "\(response.headers)",
            String(reflecting: response), dumped,
        ]
        #expect(texts.allSatisfy { !$0.contains(marker) })
        #expect("\(request)".hasPrefix("POST 127.0.0.1:"))
    }
}

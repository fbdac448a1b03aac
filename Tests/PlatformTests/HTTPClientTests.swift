import Foundation
import Glibc
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `An HTTP client` {
    private let client = HTTPClient()

    @Test func `gets status, headers and body`() async throws {
        let server = try LoopbackServer { _ in
            .status(
                "207 Multi",
                headers: ["X-One: 1", "Set-Cookie: a=1", "set-cookie:b=2 ", "X-Empty:"],
                body: Array("hello".utf8)
            )
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url("/a?b=c")))
        #expect(response.status == 207)
        #expect(response.headers["x-ONE"] == "1")
        #expect(response.headers.all("Set-Cookie") == ["a=1", "b=2"])
        #expect(response.headers["x-empty"]?.isEmpty == true)
        #expect(response.headers["absent"] == nil)
        #expect(response.body.text == "hello")
        #expect(server.requests.first?.line == "GET /a?b=c HTTP/1.1")
    }

    @Test(
        arguments: [
            (.get, nil), (.post, nil), (.post, "{}"), (.put, "x"), (.put, nil), (.patch, "p"),
            (.delete, nil), (.delete, "d"), (.options, nil), (.get, "body"),
        ] as [(HTTPMethod, String?)]
    )
    func `sends its method and exactly its body`(method: HTTPMethod, body: String?) async throws {
        let server = try LoopbackServer { _ in .status("204 No Content") }
        defer { server.stop() }
        let request = HTTPRequest(method, server.url(), body: body.map { Secret(text: $0) })
        #expect(try await client.send(request).status == 204)
        let received = try #require(server.requests.first)
        #expect(received.line == "\(method.rawValue) / HTTP/1.1")
        #expect(received.body == Array((body ?? "").utf8))
        #expect(received.header("Content-Type") == nil)
        #expect(received.header("Expect") == nil)
        let hasLength = body != nil || !method.isSafe
        #expect(received.header("Content-Length") == (hasLength ? "\(body?.utf8.count ?? 0)" : nil))
    }

    @Test func `sends plain, secret and empty headers`() async throws {
        let server = try LoopbackServer { _ in .status("200 OK") }
        defer { server.stop() }
        let headers = [
            HTTPHeader(name: "Content-Type", value: "application/json"),
            HTTPHeader(name: "Authorization", secret: Secret(text: "abc.def"), prefix: "Bearer "),
            HTTPHeader(name: "X-Empty", value: ""),
        ]
        let request = HTTPRequest(
            .post,
            server.url(),
            headers: headers,
            body: Secret(text: "{}")
        )
        _ = try await client.send(request)
        let received = try #require(server.requests.first)
        #expect(received.header("Content-Type") == "application/json")
        #expect(received.header("Authorization") == "Bearer abc.def")
        #expect(received.headerLines.contains("X-Empty:"))
    }

    @Test func `sends and receives bodies of a mebibyte, unchanged`() async throws {
        let server = try LoopbackServer { .status("200 OK", body: $0.body) }
        defer { server.stop() }
        let bytes = (0..<(1024 * 1024 + 7)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let request = HTTPRequest(.put, server.url(), body: Secret(copying: bytes))
        #expect(try await client.send(request).body.bytes == bytes)
    }

    @Test func `takes the answer that follows 100 Continue`() async throws {
        let server = try LoopbackServer { _ in
            .raw(
                "HTTP/1.1 100 Continue\r\nA: 1\r\n\r\n"
                    + "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"
            )
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.put, server.url()))
        #expect(response.status == 201)
        #expect(response.headers["A"] == nil)
    }

    @Test func `does not follow redirects`() async throws {
        let server = try LoopbackServer { _ in .status("302 Found", headers: ["Location: /else"]) }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url()))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "/else")
        #expect(server.requests.count == 1)
    }

    @Test func `carries 200 requests at a time`() async throws {
        let server = try LoopbackServer { .status("200 OK", body: Array($0.line.utf8)) }
        defer { server.stop() }
        let client = client
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<200 {
                let request = HTTPRequest(.get, server.url("/\(number)"))
                group.addTask { (number, try await client.send(request).body.text) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 200)
        #expect(answers.allSatisfy { $0.value == "GET /\($0.key) HTTP/1.1" })
    }

    @Test func `lets requests beyond its places wait`() async throws {
        let server = try LoopbackServer { .status("200 OK", body: Array($0.line.utf8)) }
        defer { server.stop() }
        let client = client
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<600 {
                let request = HTTPRequest(.post, server.url())
                group.addTask { try await client.send(request).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 600))
    }

    @Test func `uses a connection again for what is safe to repeat, and only for that`()
        async throws
    {
        let server = try LoopbackServer { _ in .status("200 OK") }
        defer { server.stop() }
        for _ in 0..<3 { _ = try await client.send(HTTPRequest(.get, server.url())) }
        #expect(server.connectionCount == 1)
        for _ in 0..<2 { _ = try await client.send(HTTPRequest(.post, server.url())) }
        #expect(server.connectionCount == 3)
        var token = HTTPRequest(.post, server.url())
        token.isSafeToRepeat = true
        _ = try await client.send(token)
        #expect(server.connectionCount == 3)
    }

    // In a process of its own, whose environment names a proxy where nobody listens.
    @Test func `does not use a proxy for a request that bypasses it`() async {
        await #expect(processExitsWith: .success) {
            for name in ["no_proxy", "NO_PROXY"] { unsafe unsetenv(name) }
            unsafe setenv("http_proxy", "http://127.0.0.1:9", 1)
            let client = HTTPClient()
            let server = try LoopbackServer { _ in .status("200 OK") }
            defer { server.stop() }
            var request = HTTPRequest(.get, server.url())
            await #expect(throws: (any Error).self) { try await client.send(request) }
            #expect(server.requests.isEmpty)
            request.bypassesProxy = true
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(server.requests.first?.line == "GET / HTTP/1.1")
        }
    }
}

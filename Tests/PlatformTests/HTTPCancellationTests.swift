import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A request that is cancelled` {
    @Test func `ends at once, and may have taken effect once it was sent`() async throws {
        let client = HTTPClient()
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let task = Task { await client.failure(of: HTTPRequest(.post, server.url())) }
        try await eventually { server.requests.count == 1 }
        task.cancel()
        #expect(await task.value?.kind == .cancelled(maybeSent: true))
        try await eventually { server.openConnectionCount == 0 }
    }

    @Test func `is not sent when its task was cancelled before`() async throws {
        let client = HTTPClient()
        let server = try LoopbackServer { _ in .status("200 OK") }
        defer { server.stop() }
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await client.failure(of: HTTPRequest(.post, server.url()))
        }
        #expect(await task.value?.kind == .cancelled(maybeSent: false))
        #expect(server.requests.isEmpty)
    }

    @Test func `leaves the others alone`() async throws {
        let client = HTTPClient()
        let server = try LoopbackServer { $0.line.contains("/a") ? .silence : .status("200 OK") }
        defer { server.stop() }
        let task = Task { await client.failure(of: HTTPRequest(.get, server.url("/a"))) }
        try await eventually { server.requests.count == 1 }
        task.cancel()
        #expect(try await client.send(HTTPRequest(.get, server.url("/b"))).status == 200)
        #expect(await task.value?.kind == .cancelled(maybeSent: true))
    }

    @Test func `is cancelled by closing the client, which then refuses more`() async throws {
        let client = HTTPClient()
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let request = HTTPRequest(.post, server.url())
        async let outcome = client.failure(of: request)
        try await eventually { server.requests.count == 1 }
        await client.close()
        #expect(await outcome?.kind == .cancelled(maybeSent: true))
        #expect(await client.failure(of: request)?.kind == .refused)
        await client.close()
        try await eventually { server.openConnectionCount == 0 }
    }

    @Test func `hundreds at random moments are each answered exactly once`() async throws {
        let client = HTTPClient()
        let server = try LoopbackServer { $0.line.contains("/a") ? .silence : .status("200 OK") }
        defer { server.stop() }
        let outcomes = await withTaskGroup(of: HTTPFailure?.self) { group in
            for number in 0..<400 {
                let request = HTTPRequest(.get, server.url(number % 2 == 0 ? "/a" : "/b"))
                group.addTask { await client.failure(of: request) }
            }
            for _ in 0..<50 { await Task.yield() }
            group.cancelAll()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 400)
        #expect(
            outcomes.compactMap(\.self).allSatisfy {
                if case .cancelled = $0.kind { true } else { false }
            }
        )
    }

    @Test func `a client that nobody holds ends its thread and its connections`() async throws {
        let server = try LoopbackServer { _ in .status("200 OK") }
        defer { server.stop() }
        do {
            let client = HTTPClient()
            _ = try await client.send(HTTPRequest(.get, server.url()))
            #expect(server.openConnectionCount == 1)
        }
        try await eventually { server.openConnectionCount == 0 }
    }
}

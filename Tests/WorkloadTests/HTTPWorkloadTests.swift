import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Synchronization
import Testing

@testable import HTTPWorkload

@Suite struct `An application over HTTP` {
    /// Answers by path; a path that is not there cannot be reached.
    private final class Application: Sendable {
        let answers: [String: (status: Int, body: String)]
        private let received = Mutex<[HTTPRequest]>([])

        init(_ answers: [String: (status: Int, body: String)]) { self.answers = answers }

        var requests: [HTTPRequest] { received.withLock(\.self) }

        func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
            received.withLock { $0.append(request) }
            let path = request.url.replacing("https://orders.test", with: "")
            guard let (status, body) = answers[path] else {
                throw HTTPFailure(.notSent, code: 7, call: "curl_easy_perform")
            }
            return HTTPResponse(
                status: status,
                headers: HTTPHeaders(),
                body: Secret(copying: body.utf8)
            )
        }
    }

    private let order = WorkloadOrder(
        key: "r/refresh/1-0/1",
        credential: "orders",
        carriers: [
            CarrierVersion(vault: "app", name: "orders", version: "v1"),
            CarrierVersion(vault: "west", name: "orders", version: "v2"),
        ]
    )

    private func workload(
        _ application: Application,
        _ checks: [HTTPWorkloadSettings.Check],
        reload: String? = nil
    ) -> HTTPWorkload {
        let settings = HTTPWorkloadSettings(
            name: "orders",
            checks: checks,
            reloadURL: reload,
            header: "X-Token",
            token: { () async throws(StepFailure) -> Secret in Secret(copying: "token".utf8) }
        )
        return HTTPWorkload(settings) { request async throws(HTTPFailure) in
            try application.send(request)
        }
    }

    private func check(
        _ path: String,
        pointer: String? = nil,
        equals: String? = nil,
        shows: EvidenceLevel = .healthy
    ) -> HTTPWorkloadSettings.Check {
        HTTPWorkloadSettings.Check(
            url: "https://orders.test\(path)",
            pointer: pointer,
            equals: equals,
            shows: shows
        )
    }

    @Test(
        arguments: [
            (#"{"version":"v2"}"#, "/version", "{version}", true),
            (#"{"version":"v1"}"#, "/version", "{version}", true),
            (#"{"version":"v0"}"#, "/version", "{version}", false),
            (#"{"at":"app/v1"}"#, "/at", "app/{version}", true),
            (#"{"a":[{"b/c":true}]}"#, "/a/0/b~1c", "true", true),
            (#"{"a":[7, 1.5]}"#, "/a/0", "7", true),
            (#"{"a":[7, 1.5]}"#, "/a/1", "1.5", true),
            (#"{"a":[7]}"#, "/a/1", "7", false),
            (#"{"a":null}"#, "/a", nil, false),
            (#"{"a":"x"}"#, "/a", nil, true),
            ("no JSON", "/a", nil, false),
            ("no JSON", nil, nil, true),
        ] as [(String, String?, String?, Bool)]
    )
    func `shows what a good answer says`(
        body: String,
        pointer: String?,
        equals: String?,
        isGood: Bool
    ) async throws {
        let application = Application(["/health": (200, body)])
        let check = check("/health", pointer: pointer, equals: equals, shows: .restarted)
        let shown = try await workload(application, [check]).observe(order)
        #expect(shown == Evidence(isGood ? .restarted : .none))
    }

    @Test func `shows the strongest of its good answers`() async throws {
        let application = Application(["/a": (200, ""), "/b": (200, ""), "/c": (503, "")])
        let checks = [
            check("/a", shows: .restarted), check("/b", shows: .healthy),
            check("/c", shows: .proved), check("/unreachable", shows: .proved),
        ]
        #expect(try await workload(application, checks).observe(order).level == .healthy)
        let methods = application.requests.map(\.method)
        #expect(methods == [.get, .get, .get, .get])
    }

    @Test func `that cannot be reached says so`() async throws {
        let workload = workload(Application([:]), [check("/health")])
        let failure = await #expect(throws: StepFailure.self) { try await workload.observe(order) }
        #expect(failure?.kind == .transient)
        #expect(failure?.reason.contains("token") == false)
    }

    // A pointer that is none once made a check pass by its status alone.
    @Test func `shows nothing by a pointer that is none`() async throws {
        let application = Application(["/health": (200, "{}")])
        let workload = workload(application, [check("/health", pointer: "version", equals: "1")])
        let failure = await #expect(throws: StepFailure.self) { try await workload.observe(order) }
        #expect(failure?.kind == .permanent)
        await #expect(throws: StepFailure.self) { try await workload.preflight() }
    }

    @Test func `is told to reload, with the order's natural key`() async throws {
        let application = Application(["/reload": (204, "")])
        try await workload(application, [], reload: "https://orders.test/reload").refresh(order)
        let request = try #require(application.requests.first)
        #expect(request.method == .post)
        #expect(request.headers.map(\.name) == ["X-Token", "Idempotency-Key"])
    }

    @Test func `is left alone where it reloads by itself`() async throws {
        let application = Application([:])
        try await workload(application, []).refresh(order)
        #expect(application.requests.isEmpty)
    }

    @Test func `that refuses to reload is asked again later`() async throws {
        let application = Application(["/reload": (503, "")])
        let workload = workload(application, [], reload: "https://orders.test/reload")
        let failure = await #expect(throws: StepFailure.self) {
            try await workload.refresh(order)
        }
        #expect(failure?.kind == .transient)
    }

    // It was restarted by each of sixty calls an hour, since it was gone before it answered.
    @Test func `that restarts before it answers is told once`() async throws {
        let settings = HTTPWorkloadSettings(
            name: "orders",
            checks: [],
            reloadURL: "https://orders.test/restart"
        )
        for kind in [HTTPFailure.Kind.maybeSent, .notSent] {
            let workload = HTTPWorkload(settings) { _ async throws(HTTPFailure) in
                throw HTTPFailure(kind, code: 52, call: "curl_easy_perform")
            }
            if kind == .maybeSent {
                try await workload.refresh(order)
            } else {
                await #expect(throws: StepFailure.self) { try await workload.refresh(order) }
            }
        }
    }

    @Test func `is only read by a preflight`() async throws {
        let application = Application(["/a": (200, ""), "/b": (500, "")])
        let workload = workload(application, [check("/a"), check("/b")], reload: "/reload")
        let findings = try await workload.preflight()
        #expect(findings.map(\.severity) == [.warning])
        #expect(application.requests.allSatisfy { $0.method == .get })
    }
}

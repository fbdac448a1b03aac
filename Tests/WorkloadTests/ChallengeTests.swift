import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Synchronization
import Testing

@testable import HTTPWorkload

/// `deploy/shim/rekey_proof.py` as it is, in a process of its own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `A workload that is challenged` {
    private func shim(_ value: String) async throws -> ProofShim {
        try await ProofShim.start("orders-api", of: "orders-database", holding: value)
    }

    private func workload(
        _ url: String,
        name: WorkloadName = "orders-api",
        token: String = ProofShim.token
    ) -> HTTPWorkload {
        let settings = HTTPWorkloadSettings(
            name: name,
            checks: [],
            challengeURL: url,
            header: "Authorization",
            token: { () async throws(StepFailure) -> Secret in Secret(copying: token.utf8) }
        )
        return HTTPWorkload(settings, http: HTTPClient(trust: .system, name: "challenge"))
    }

    private func order(
        _ value: String,
        of credential: CredentialID = "orders-database"
    )
        -> WorkloadOrder
    {
        WorkloadOrder(
            key: "r/refresh/1-0/1",
            credential: credential,
            carriers: [],
            value: Secret(copying: value.utf8)
        )
    }

    @Test func `proves the value that it holds, and no other`() async throws {
        let shim = try await shim("the old one")
        let workload = workload(shim.url)
        #expect(workload.needsValue)
        let before = try await workload.observe(order("the new one, ü"))
        #expect(before.level == .none)
        #expect(before.remark?.contains("another value") == true)
        try shim.hold("the new one, ü")
        #expect(try await workload.observe(order("the new one, ü")) == Evidence(.proved))
        #expect(try await workload.preflight().count == 1, "it knows no credential rekey-check")
    }

    @Test func `has the proof that the shim's README prints`() {
        let nonce = [UInt8](repeating: 0, count: 32)
        let challenge = Challenge(
            workload: "orders-api",
            credential: "orders-database",
            nonce: nonce
        )
        let proof = challenge.proof(under: Secret(copying: "correct horse".utf8))
        let printed = "223668ac2069c58519c73a56cf41ba902c16e1430d5a95cdc8ec94c26f41262e"
        #expect(Challenge.hexadecimal(proof) == printed)
    }

    @Test func `answers for nobody else, and to nobody else`() async throws {
        let shim = try await shim("value")
        let cases: [(HTTPWorkload, CredentialID, String)] = [
            (workload(shim.url, name: "orders-jobs"), "orders-database", "404"),
            (workload(shim.url), "another", "404"),
            (workload(shim.url, token: "guessed"), "orders-database", "401"),
        ]
        for (workload, credential, status) in cases {
            let failure = await #expect(throws: StepFailure.self) {
                try await workload.observe(order("value", of: credential))
            }
            #expect(failure?.kind == .transient)
            #expect(failure?.reason.contains(status) == true, "\(failure?.reason ?? "")")
        }
    }

    /// A transport that answers with what it is given, and remembers what it was asked.
    private final class Line: Sendable {
        private let requests = Mutex<[HTTPRequest]>([])
        let answer: @Sendable (HTTPRequest) -> (Int, String)

        init(answer: @escaping @Sendable (HTTPRequest) -> (Int, String)) { self.answer = answer }

        var urls: [String] { requests.withLock { $0.map(\.url) } }

        func workload(_ url: String, checks: [HTTPWorkloadSettings.Check] = []) -> HTTPWorkload {
            let settings = HTTPWorkloadSettings(
                name: "orders-api",
                checks: checks,
                challengeURL: url
            )
            return HTTPWorkload(settings) { request async throws(HTTPFailure) in
                self.requests.withLock { $0.append(request) }
                let (status, body) = self.answer(request)
                let bytes = Secret(copying: body.utf8)
                return HTTPResponse(status: status, headers: HTTPHeaders(), body: bytes)
            }
        }
    }

    // Every check is the application's own word, and this one's is not true.
    @Test func `that says it is well, and in the new version, is caught by its answer`()
        async throws
    {
        let line = Line { request in
            guard request.method == .post else { return (200, #"{"version":"v2"}"#) }
            return (200, #"{"proof":"\#(String(repeating: "ab", count: 32))"}"#)
        }
        let check = HTTPWorkloadSettings.Check(
            url: "https://orders.test/health",
            pointer: "/version",
            equals: "{version}"
        )
        let liar = line.workload("https://orders.test/proof", checks: [check])
        var order = order("new")
        order = WorkloadOrder(
            key: order.key,
            credential: order.credential,
            carriers: [CarrierVersion(vault: "app", name: "orders", version: "v2")],
            value: order.value
        )
        #expect(try await liar.observe(order).level == .none)
    }

    @Test(arguments: [
        "http://orders.test/proof", "http://127.0.0.1.orders.test/proof",
        "http://localhost@orders.test/proof", "http://127.orders.test/proof", "ftp://localhost/",
    ])
    func `is not asked over a network in the clear`(url: String) async throws {
        let line = Line { _ in (200, "{}") }
        let failure = await #expect(throws: StepFailure.self) {
            try await line.workload(url).observe(order("value"))
        }
        #expect(failure?.kind == .permanent)
        #expect(line.urls.isEmpty)
    }

    @Test func `that sends it elsewhere is not followed`() async throws {
        let line = Line { _ in (307, "") }
        let failure = await #expect(throws: StepFailure.self) {
            try await line.workload("https://orders.test/proof").observe(order("value"))
        }
        #expect(failure?.kind == .transient)
        #expect(line.urls == ["https://orders.test/proof"])
    }

    @Test func `proves nothing by an answer to an earlier challenge`() async throws {
        let earlier = Challenge(workload: "orders-api", credential: "orders-database")
        let proof = earlier.proof(under: Secret(copying: "value".utf8))
        let line = Line { _ in (200, #"{"proof":"\#(Challenge.hexadecimal(proof))"}"#) }
        let shown = try await line.workload("https://orders.test/p").observe(order("value"))
        #expect(shown.level == .none)
    }
}

import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@testable import HTTPWorkload

@Suite struct `An application that quotes what it was sent` {
    @Test(arguments: [200, 302, 400, 401, 404, 500])
    func `finds nothing of its token in what is said of it`(status: Int) async throws {
        let settings = HTTPWorkloadSettings(
            name: "orders",
            checks: [
                .init(url: "https://orders.test/a", pointer: "/echo", equals: "x", shows: .healthy),
                .init(url: "https://orders.test/b", pointer: nil, equals: nil, shows: .healthy),
            ],
            reloadURL: "https://orders.test/reload",
            header: "X-Token",
            token: { () async throws(StepFailure) -> Secret in Secret(copying: "canary".utf8) }
        )
        let workload = HTTPWorkload(settings) { request async throws(HTTPFailure) in
            HTTPResponse(
                status: status,
                headers: HTTPHeaders([("Location", "https://elsewhere.test/canary")]),
                body: Secret(copying: #"{"echo":"canary","error":"canary"}"#.utf8)
            )
        }
        let order = WorkloadOrder(key: "r/refresh/1-0/1", credential: "orders", carriers: [])
        var said = "\(try await workload.preflight())"
        do { try await workload.refresh(order) } catch { said += "\(error)" }
        do { said += "\(try await workload.observe(order))" } catch { said += "\(error)" }
        #expect(!said.contains("canary"), "\(said)")
    }
}

import AutomationHook
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import Testing

@Suite struct `A runbook's server that quotes what it was sent` {
    private struct EchoingServer: HTTPTransport {
        let status: Int

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
            let body = request.body.map { secret in
                secret.reveal { span in
                    unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
                }
            }
            let echo = "canary-token \(body ?? "")"
            let error: [String: Any] = [
                "error": ["code": echo, "message": echo], "code": echo, "message": echo,
                "properties": ["status": "Failed", "exception": echo],
            ]
            // A dictionary of texts encodes.
            let bytes = (try? JSONSerialization.data(withJSONObject: error)) ?? Data()
            return HTTPResponse(
                status: status,
                headers: HTTPHeaders([("x-ms-request-id", echo), ("Location", echo)]),
                body: Secret(copying: bytes)
            )
        }
    }

    @Test(arguments: [200, 201, 202, 400, 401, 403, 404, 409, 429, 500])
    func `finds nothing of a value in its failures`(status: Int) async throws {
        let server = EchoingServer(status: status)
        let environment = AzureEnvironment(
            authority: "https://login.test",
            graph: "https://graph.test",
            resourceManager: "https://arm.test",
            vaultSuffix: "vault.test"
        )
        let settings = AutomationHookSettings(
            name: "hosts",
            subscription: "s",
            resourceGroup: "g",
            account: "a",
            runbook: "update-hosts",
            delivery: .includeSecret
        )
        let client = try ARMClient(environment: environment, http: server, tokens: SameToken())
        let hook = AutomationHook(settings, arm: client)
        let order = HookOrder(
            key: "r/hook/1-0/1",
            rotation: "6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b12",
            credential: "orders",
            sequence: 1,
            carriers: [],
            account: nil,
            value: Secret(copying: "canary-value".utf8),
            deadline: .distantFuture
        )
        var said = ""
        do { try await hook.start(order) } catch { said += "\(error)" }
        do { said += "\(try await hook.follow(order))" } catch { said += "\(error)" }
        do { said += "\(try await hook.preflight())" } catch { said += "\(error)" }
        #expect(!said.isEmpty)
        #expect(!said.contains("canary"), "\(said)")
    }
}

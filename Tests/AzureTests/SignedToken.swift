import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import Synchronization

/// A key pair of a tenant, under the name by which tokens call it.
struct SigningPair: Sendable {
    let name: String
    let key: PrivateKey

    init(_ name: String) throws {
        self.name = name
        key = try PrivateKey.generate(.rsa2048)
    }

    /// The modulus, which lies at a fixed place in the DER of a 2048-bit RSA key.
    var modulus: [UInt8] {
        get throws { Array(try key.publicKey.der()[33..<289]) }
    }
}

/// A token as Entra issues it to an application, for tests to change before it is signed.
struct SignedToken {
    static let tenant = "11111111-0000-0000-0000-000000000000"
    static let application = "22222222-0000-0000-0000-000000000000"
    static let audience = "api://rekey"

    var algorithm = "RS256"
    var claims = [
        "aud": audience, "iss": "https://login.microsoftonline.com/\(tenant)/v2.0",
        "tid": tenant, "azp": application, "oid": "an-object",
    ]
    var times: [String: Double]
    var roles: [String] = []

    init(at now: Date) {
        let time = now.timeIntervalSince1970
        times = ["nbf": time, "iat": time, "exp": time + 3_600]
    }

    func signed(by pair: SigningPair) throws -> String {
        let header = ["alg": algorithm, "typ": "JWT", "kid": pair.name]
        var body: [String: Any] = claims
        body.merge(times) { $1 }
        if !roles.isEmpty { body["roles"] = roles }
        let parts = try [header, body].map {
            Base64URL.encode(Array(try JSONSerialization.data(withJSONObject: $0)))
        }
        let text = parts.joined(separator: ".")
        let signature = try pair.key.sign(Array(text.utf8), using: .rs256)
        return "\(text).\(Base64URL.encode(signature))"
    }
}

/// The keys that a tenant publishes, until a test changes them or has them fail.
final class PublishedKeys: HTTPTransport {
    enum Fault: Sendable { case unreachable, status(Int), garbage }

    private struct State {
        var pairs: [SigningPair]
        var fault: Fault?
        var reads = 0
    }

    private let state: Mutex<State>

    init(_ pairs: [SigningPair]) { state = Mutex(State(pairs: pairs)) }

    var reads: Int { state.withLock { $0.reads } }

    func publish(_ pairs: [SigningPair]) { state.withLock { $0.pairs = pairs } }
    func fail(_ fault: Fault?) { state.withLock { $0.fault = fault } }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let (pairs, fault) = state.withLock { state in
            state.reads += 1
            return (state.pairs, state.fault)
        }
        var body: [UInt8] = []
        switch fault {
        case .unreachable: throw HTTPFailure(.notSent, code: 7, call: "curl_easy_perform")
        case .status(let status):
            return HTTPResponse(
                status: status,
                headers: HTTPHeaders([]),
                body: Secret(copying: [])
            )
        case .garbage: body = Array("<html>".utf8)
        case nil:
            let keys = pairs.map { pair in
                let modulus = (try? pair.modulus).map(Base64URL.encode) ?? ""
                return ["kty": "RSA", "use": "sig", "kid": pair.name, "n": modulus, "e": "AQAB"]
            }
            let data = try? JSONSerialization.data(withJSONObject: ["keys": keys])
            body = Array(data ?? Data())
        }
        return HTTPResponse(status: 200, headers: HTTPHeaders([]), body: Secret(copying: body))
    }
}

import Foundation
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A request over TLS` {
    private static let names = Certificate.Purpose.server(["IP:127.0.0.1"])

    @Test func `is answered by a server that is trusted and has the name`() async throws {
        let folder = try TemporaryFolder()
        let server = try await TLSServer(Signer(purpose: Self.names), in: folder)
        let client = HTTPClient(trust: .file(folder.file("certificate.pem")))
        let response = try await client.send(HTTPRequest(.get, server.url()))
        #expect(response.status == 200)
        #expect(response.body.text.contains("TLSv1.3"))
        await server.end()
    }

    @Test func `is not sent to a server whose certificate nobody trusts`() async throws {
        let folder = try TemporaryFolder()
        let server = try await TLSServer(Signer(purpose: Self.names), in: folder)
        let other = try Signer(purpose: Self.names).certificate
        try folder.write(other.pem.utf8, to: "other.pem")
        for trust in [TLSTrust.file(folder.file("other.pem")), .system] {
            let request = HTTPRequest(.post, server.url() + "marked?marked")
            let failure = await HTTPClient(trust: trust).failure(of: request)
            #expect(failure?.kind == .notSent)
            #expect(failure?.code == 60)
            #expect(failure?.description.contains("certificate not trusted") == true)
            #expect(failure?.description.contains("127.0.0.1:\(server.port)") == true)
            #expect(failure?.description.contains("marked") == false)
        }
        await server.end()
    }

    @Test func `is not sent to a server of another name`() async throws {
        let folder = try TemporaryFolder()
        let signer = try Signer(purpose: .server(["DNS:other.example"]))
        let server = try await TLSServer(signer, in: folder)
        let client = HTTPClient(trust: .file(folder.file("certificate.pem")))
        let failure = await client.failure(of: HTTPRequest(.post, server.url(host: "localhost")))
        #expect(failure?.kind == .notSent)
        #expect(failure?.description.contains("does not name this host") == true)
        #expect(failure?.description.contains("localhost:\(server.port)") == true)
        await server.end()
    }

    @Test func `is not sent to a server that speaks no TLS 1.2`() async throws {
        let folder = try TemporaryFolder()
        let options = ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"]
        let server = try await TLSServer(
            Signer(purpose: Self.names),
            options: options,
            in: folder
        )
        let client = HTTPClient(trust: .file(folder.file("certificate.pem")))
        let failure = await client.failure(of: HTTPRequest(.get, server.url()))
        #expect(failure?.kind == .notSent)
        #expect(failure?.code == 35)
        await server.end()
    }

    @Test(arguments: ["NULL-SHA256", "ADH-AES128-SHA256"])
    func `is not sent to a server that encrypts nothing, or shows nobody`(
        cipher: String
    ) async throws {
        let folder = try TemporaryFolder()
        let options = ["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"]
        let server = try await TLSServer(
            Signer(purpose: Self.names),
            options: options,
            in: folder
        )
        let client = HTTPClient(trust: .file(folder.file("certificate.pem")))
        let failure = await client.failure(of: HTTPRequest(.get, server.url()))
        #expect(failure?.kind == .notSent)
        #expect(failure?.code == 35)
        await server.end()
    }

    @Test func `is not sent to a server that speaks no TLS at all`() async throws {
        let server = try LoopbackServer { _ in .status("200 OK") }
        defer { server.stop() }
        let client = HTTPClient()
        var request = HTTPRequest(.post, "https://127.0.0.1:\(server.port)/")
        request.timeout = .milliseconds(500)
        #expect(await client.failure(of: request)?.kind == .notSent)
        #expect(server.requests.isEmpty)
    }

    @Test func `is not sent where the authorities' file is missing`() async throws {
        let folder = try TemporaryFolder()
        let server = try await TLSServer(Signer(purpose: Self.names), in: folder)
        let client = HTTPClient(trust: .file(folder.file("missing.pem")))
        let failure = await client.failure(of: HTTPRequest(.get, server.url()))
        #expect(failure?.kind == .notSent)
        #expect(failure?.code == 77)
        await server.end()
    }

    @Test func `leaves nothing of its secrets in memory`() async throws {
        let folder = try TemporaryFolder()
        let server = try await TLSServer(Signer(purpose: Self.names), in: folder)
        let client = HTTPClient(trust: .file(folder.file("certificate.pem")))
        let header = SecretTraces()
        let body = SecretTraces()
        do {
            var request = HTTPRequest(.get, server.url(), body: body.secret())
            let token = header.secret()
            request.headers = [HTTPHeader(name: "Authorization", secret: token, prefix: "Bearer ")]
            #expect(try header.count() == 1)
            #expect(try body.count() == 1)
            _ = try await client.send(request)
            #expect(token.byteCount == request.body?.byteCount)
        }
        try await eventually { try header.count() == 0 }
        try await eventually { try body.count() == 0 }
        await server.end()
    }
}

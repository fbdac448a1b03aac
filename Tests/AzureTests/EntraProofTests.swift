import EntraApplicationTarget
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Synchronization
import Testing

@Suite struct `A new secret of an Entra application` {
    // Three answers within a second by one connection told of one of Entra's servers.
    @Test func `is proved for a while, each time by a connection of its own`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        var settings = opened.settings
        settings.proving.successes = 2
        settings.proving.span = .milliseconds(400)
        let noted = NotedSignIns(opened.standIn.http)
        let target = try EntraApplicationTarget(
            settings,
            http: noted,
            tokens: try opened.standIn.tokens()
        )
        let credential = Credential(account: nil, secret: try opened.firstSecret())
        let began = ContinuousClock.now
        try await target.prove(credential, like: nil)
        #expect(began.duration(to: .now) >= settings.proving.span)
        #expect(noted.areFresh.count > 2)
        #expect(!noted.areFresh.contains(false))
    }
}

/// Passes requests on, and notes of each sign-in whether it asks for a new connection.
private final class NotedSignIns: HTTPTransport {
    private let base: any HTTPTransport
    private let noted = Mutex<[Bool]>([])

    init(_ base: any HTTPTransport) { self.base = base }

    var areFresh: [Bool] { noted.withLock(\.self) }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        if request.url.contains("/oauth2/") {
            noted.withLock { $0.append(!request.isSafeToRepeat) }
        }
        return try await base.send(request)
    }
}

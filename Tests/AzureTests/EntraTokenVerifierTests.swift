import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import Synchronization
import Testing

@Suite struct `A bearer token` {
    typealias Refusal = EntraTokenVerifier.Refusal

    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func verifier(
        _ keys: PublishedKeys,
        role: String? = nil,
        environment: AzureEnvironment = .publicCloud,
        at now: @escaping @Sendable () -> Date = { now }
    ) -> EntraTokenVerifier {
        EntraTokenVerifier(
            .init(
                tenant: SignedToken.tenant,
                audience: SignedToken.audience,
                applications: [SignedToken.application],
                role: role
            ),
            environment: environment,
            http: keys,
            now: now
        )
    }

    /// Why a token is refused; nil where it is accepted.
    private static func refusal(
        _ token: String,
        by verifier: EntraTokenVerifier
    ) async -> Refusal? {
        do throws(Refusal) {
            _ = try await verifier.application(in: token)
            return nil
        } catch {
            return error
        }
    }

    // China's tokens are issued by other names than those that they are asked for at.
    @Test(arguments: [
        "https://sts.chinacloudapi.cn/TENANT/",
        "https://login.partner.microsoftonline.cn/TENANT/v2.0",
    ])
    func `of China is by China's issuers, and by those alone`(issuer: String) async throws {
        let pair = try SigningPair("one")
        var token = SignedToken(at: Self.now)
        token.claims["iss"] = issuer.replacing("TENANT", with: SignedToken.tenant)
        let keys = PublishedKeys([pair])
        let china = Self.verifier(keys, environment: .china)
        let text = try token.signed(by: pair)
        #expect(await Self.refusal(text, by: china) == nil)
        let elsewhere = await Self.refusal(text, by: Self.verifier(keys))
        #expect(elsewhere == .invalid("issuer"))
        token.claims["iss"] = "https://sts.windows.net/\(SignedToken.tenant)/"
        let publicText = try token.signed(by: pair)
        #expect(await Self.refusal(publicText, by: china) == .invalid("issuer"))
    }

    @Test func `of ours names the application, by either issuer and either claim`() async throws {
        let pair = try SigningPair("one")
        let verifier = Self.verifier(PublishedKeys([pair]))
        let second = SignedToken(at: Self.now)
        var first = SignedToken(at: Self.now)
        first.claims["iss"] = "https://sts.windows.net/\(SignedToken.tenant)/"
        first.claims["appid"] = first.claims.removeValue(forKey: "azp")
        for token in [second, first] {
            let found = try await verifier.application(in: token.signed(by: pair))
            #expect(found == SignedToken.application)
        }
    }

    @Test(
        arguments: [
            ("aud", "api://somebody-else", "audience"),
            ("tid", "33333333-0000-0000-0000-000000000000", "tenant"),
            ("iss", "https://login.microsoftonline.com/other/v2.0", "issuer"),
            ("iss", "https://evil.test/11111111-0000-0000-0000-000000000000/v2.0", "issuer"),
            ("azp", "44444444-0000-0000-0000-000000000000", "application"),
        ]
    )
    func `for or from somebody else is refused`(
        claim: String,
        value: String,
        why: String
    ) async throws {
        let pair = try SigningPair("one")
        var token = SignedToken(at: Self.now)
        token.claims[claim] = value
        let refusal = await Self.refusal(
            try token.signed(by: pair),
            by: Self.verifier(PublishedKeys([pair]))
        )
        #expect(refusal == .invalid(why))
    }

    @Test(
        arguments: [
            ("exp", -301.0, "expired"), ("exp", -299.0, nil), ("nbf", 301.0, "not yet valid"),
            ("nbf", 299.0, nil),
        ] as [(String, Double, String?)]
    )
    func `is good between its times, give or take five minutes`(
        claim: String,
        offset: Double,
        why: String?
    ) async throws {
        let pair = try SigningPair("one")
        var token = SignedToken(at: Self.now)
        token.times[claim] = Self.now.timeIntervalSince1970 + offset
        let refusal = await Self.refusal(
            try token.signed(by: pair),
            by: Self.verifier(PublishedKeys([pair]))
        )
        #expect(refusal == why.map { .invalid($0) })
    }

    @Test(arguments: ["none", "HS256", "RS512", "rs256"])
    func `of another algorithm is refused before any key is read`(name: String) async throws {
        let pair = try SigningPair("one")
        var token = SignedToken(at: Self.now)
        token.algorithm = name
        let keys = PublishedKeys([pair])
        let text = try token.signed(by: pair)
        // Without a signature, and with the one that RS256 makes.
        let bare = text.split(separator: ".").dropLast().joined(separator: ".") + "."
        for text in [text, bare] {
            let refusal = await Self.refusal(text, by: Self.verifier(keys))
            #expect(refusal == .invalid("algorithm"))
        }
        #expect(keys.reads == 0)
    }

    @Test func `that was changed, or signed by another key of that name, is refused`() async throws
    {
        let (pair, thief) = (try SigningPair("one"), try SigningPair("one"))
        let verifier = Self.verifier(PublishedKeys([pair]))
        let stolen = try SignedToken(at: Self.now).signed(by: thief)
        #expect(await Self.refusal(stolen, by: verifier) == .invalid("signature"))
        var parts = try SignedToken(at: Self.now).signed(by: pair).split(separator: ".")
        var token = SignedToken(at: Self.now)
        token.claims["oid"] = "another"
        parts[1] = try token.signed(by: pair).split(separator: ".")[1]
        let changed = parts.joined(separator: ".")
        #expect(await Self.refusal(changed, by: verifier) == .invalid("signature"))
        for text in ["", "a.b", "a.b.c.d", String(repeating: "x", count: 17_000)] {
            #expect(await Self.refusal(text, by: verifier) == .invalid("malformed"))
        }
    }

    // Event Grid never repeats what was refused with 401: a new key must not look like a forgery.
    @Test func `of a new key is accepted once the keys are read again`() async throws {
        let (old, new) = (try SigningPair("old"), try SigningPair("new"))
        let keys = PublishedKeys([old])
        let clock = Moving()
        let verifier = Self.verifier(keys) { clock.now }
        let first = try SignedToken(at: Self.now).signed(by: old)
        #expect(await Self.refusal(first, by: verifier) == nil)
        keys.publish([old, new])
        let second = try SignedToken(at: Self.now).signed(by: new)
        guard case .unavailable? = await Self.refusal(second, by: verifier) else {
            Issue.record("it was judged by keys that are older than it may be")
            return
        }
        #expect(keys.reads == 1)
        clock.pass(61)
        #expect(await Self.refusal(second, by: verifier) == nil)
        #expect(await Self.refusal(first, by: verifier) == nil)
        #expect(keys.reads == 2)
        // A name that nobody publishes costs one read a minute, not one a request.
        let unknown = try SignedToken(at: Self.now).signed(by: SigningPair("unknown"))
        clock.pass(61)
        #expect(await Self.refusal(unknown, by: verifier) == .invalid("key"))
        _ = await Self.refusal(unknown, by: verifier)
        #expect(keys.reads == 3)
    }

    @Test func `cannot be judged while the keys cannot be read`() async throws {
        let pair = try SigningPair("one")
        let token = try SignedToken(at: Self.now).signed(by: pair)
        for fault in [PublishedKeys.Fault.unreachable, .status(500), .garbage] {
            let keys = PublishedKeys([pair])
            let verifier = Self.verifier(keys)
            keys.fail(fault)
            guard case .unavailable? = await Self.refusal(token, by: verifier) else {
                Issue.record("\(fault) was taken for a bad token")
                continue
            }
            keys.fail(nil)
            #expect(await Self.refusal(token, by: verifier) == nil)
        }
    }

    @Test func `needs the app role where one is asked for`() async throws {
        let pair = try SigningPair("one")
        let verifier = Self.verifier(PublishedKeys([pair]), role: "EventGridSubscriber")
        var token = SignedToken(at: Self.now)
        #expect(await Self.refusal(try token.signed(by: pair), by: verifier) == .invalid("role"))
        token.roles = ["Other"]
        #expect(await Self.refusal(try token.signed(by: pair), by: verifier) == .invalid("role"))
        token.roles = ["Other", "EventGridSubscriber"]
        #expect(await Self.refusal(try token.signed(by: pair), by: verifier) == nil)
    }

    /// A time that a test moves.
    private final class Moving: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

        var now: Date { time.withLock { $0 } }

        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
    }
}

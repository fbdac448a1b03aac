import AzureKeyVault
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import StandInParts
import Testing

@Suite struct `An origin` {
    @Test(arguments: [
        (
            "https://x.vault.azure.net", "https://x.vault.azure.net:443/secrets/a?b=c",
            "/secrets/a?b=c"
        ),
        ("https://X.vault.azure.net/", "https://x.VAULT.azure.net", "/"),
        ("https://localhost:8443", "https://localhost:8443/a", "/a"),
    ])
    func `knows a link to itself`(origin: String, link: String, path: String) throws {
        #expect(try #require(WebOrigin(origin)).path(ofLink: link) == path)
    }

    @Test(arguments: [
        "https://x.vault.azure.net.evil.example/a", "http://x.vault.azure.net/a",
        "https://x.vault.azure.net:8443/a", "https://evil@x.vault.azure.net/a",
        "https://x.vault.azure.net@evil.example/a", "//x.vault.azure.net/a", "/a", "",
        "https://evil.example\\@x.vault.azure.net/a",
    ])
    func `does not know a link to another`(link: String) throws {
        let origin = try #require(WebOrigin("https://x.vault.azure.net"))
        #expect(origin.path(ofLink: link) == nil)
    }
}

@Suite struct `A challenge` {
    @Test func `names its resource in each of its spellings`() throws {
        let old = try #require(
            BearerChallenge(
                #"Bearer authorization="https://login.windows.net/t", "#
                    + #"resource="https://vault.azure.net""#
            )
        )
        #expect(old.resource == "https://vault.azure.net")
        #expect(old.authorization == "https://login.windows.net/t")
        let new = try #require(
            BearerChallenge(
                #"PoP nonce="1", Bearer authorization_uri="https://l/t", "#
                    + #"scope="https://v/.default""#
            )
        )
        #expect(new.scheme == "PoP")
        let scope = try #require(
            BearerChallenge(#"Bearer authorization_uri="https://l/t" scope="https://v/.default""#)
        )
        #expect(scope.resource == "https://v")
        #expect(scope.authorization == "https://l/t")
        #expect(BearerChallenge(#"Basic realm="x""#) == nil)
        #expect(BearerChallenge("") == nil)
    }

    @Test func `carries claims, and what was cached is asked for again with them`() async throws {
        let opened = try await OpenVault.make()
        let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#
        let encoded = Data(claims.utf8).base64EncodedString()
        let header = #"Bearer error="insufficient_claims", claims="\#(encoded)""#
        try await opened.inject(
            "status",
            on: "setSecret",
            ["status": 401, "headers": ["WWW-Authenticate": header]]
        )
        let tokens = try opened.standIn.tokens()
        let watched = WatchedTokens(tokens)
        let origin = try #require(WebOrigin(opened.url))
        let client = AzureClient(
            name: "vault",
            origin: origin,
            http: opened.standIn.http,
            tokens: watched
        )
        let request = AzureRequest(
            "setSecret",
            .put,
            "/secrets/a?api-version=7.4",
            body: try JSONBody.plain(["value": "1"]),
            effect: .once
        )
        _ = try await client.send(request, for: "https://vault.azure.net")
        #expect(await watched.claims == [claims])
        #expect(try await opened.requests().map(\.status) == [401, 200])
    }
}

/// Tokens of another source, with the claims that they were asked for.
actor WatchedTokens: TokenSource {
    private let source: any TokenSource
    private(set) var claims: [String] = []

    init(_ source: any TokenSource) { self.source = source }

    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        if let claims { self.claims.append(claims) }
        return try await source.token(for: resource, claims: nil)
    }

    func forget(_ resource: String) async { await source.forget(resource) }
}

@Suite struct `JSON with a secret` {
    @Test(arguments: [
        "plain", "", "q\"\\/\u{1}\n\r\t\u{8}\u{C}\u{7F}", "é 漢 \u{1F511}", #"{"value":"x"}"#,
    ])
    func `brings every value there and back`(text: String) throws {
        let body = try JSONBody.object("value", Secret(text: text), and: ["a": 1])
        let object = try JSONSerialization.jsonObject(with: Data(body.bytes)) as? [String: Any]
        #expect(object?["value"] as? String == text)
        #expect(object?["a"] as? Int == 1)
        let lifted = try #require(LiftedJSON(body, lifting: "value"))
        #expect(lifted.secret == Secret(text: text))
        #expect(text.isEmpty || !String(decoding: lifted.rest, as: UTF8.self).contains(text))
    }

    @Test func `gives up what JSON cannot carry`() {
        let bytes = Secret(copying: [0xFF, 0xFE])
        #expect(throws: JSONBody.EncodingFault.notUTF8) {
            try JSONBody.object("value", bytes, and: ["a": 1])
        }
    }

    @Test(
        arguments: [
            (#"{"value":"\u00e9\ud83d\udd11\/"}"#, "é\u{1F511}/"),
            (#" { "b" : { "value" : [ "no", {} ] } , "value" : "yes" } "#, "yes"),
            (#"{"x":[1,{"value":"no"}],"n":-1.5e3,"value":"a\"b","t":true}"#, "a\"b"),
            (#"{"value":null}"#, nil), (#"{"value":7}"#, nil), ("{}", nil),
        ] as [(String, String?)]
    )
    func `lends its field and nothing else`(json: String, value: String?) throws {
        let lifted = try #require(LiftedJSON(Secret(text: json), lifting: "value"))
        #expect(lifted.secret == value.map { Secret(text: $0) })
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: lifted.rest) }
    }

    @Test(arguments: [
        "", "[]", "{", #"{"value":"a"#, #"{"value":"\ud83d"}"#, #"{"value":"\x"}"#,
        #"{"value":"a","value":"b"}"#, #"{"value":"a"}x"#, #"{"a":]}"#,
        "{\"a\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
    ])
    func `is refused where it is none`(json: String) {
        #expect(LiftedJSON(Secret(text: json), lifting: "value") == nil)
    }
}

@Suite struct `A failure of Azure's` {
    @Test func `shows codes and no text that came with them`() async throws {
        let opened = try await OpenVault.make()
        try await opened.inject(
            "status",
            on: "getSecret",
            ["status": 403, "code": "mark of a text", "message": "mark of a message"]
        )
        let failure = await #expect(throws: StepFailure.self) {
            try await opened.vault.latest("a")
        }
        #expect(failure?.reason.contains("403") == true)
        #expect(failure?.reason.contains("mark") == false)
    }
}

@Suite struct `A host's limits` {
    @Test func `are kept in every window, and nearly used up`() async {
        let limit = RequestThrottle.Limit(requests: 30, window: .milliseconds(500))
        let throttle = RequestThrottle(reads: limit, writes: limit)
        let clock = ContinuousClock()
        let begin = clock.now
        for number in 1...60 {
            #expect(await throttle.turn(for: .once) == nil)
            // A slow machine only makes these later.
            if number > 30 { #expect(clock.now - begin >= .milliseconds(500)) }
            if number == 60 { #expect(clock.now - begin >= .milliseconds(1000)) }
        }
        // Reads have a limit of their own.
        #expect(await throttle.turn(for: .reads) == nil)
    }

    @Test func `send away who would have to wait too long`() async {
        let limit = RequestThrottle.Limit(requests: 1, window: .seconds(60))
        let throttle = RequestThrottle(reads: limit, writes: limit)
        #expect(await throttle.turn(for: .once) == nil)
        let wait = await throttle.turn(for: .once)
        #expect((30...60).contains(wait ?? 0))
    }

    @Test func `let through at once what is urgent, at the cost of the others`() async throws {
        let limit = RequestThrottle.Limit(requests: 1, window: .seconds(60))
        let throttle = RequestThrottle(reads: limit, writes: limit)
        #expect(await throttle.turn(for: .once) == nil)
        await CallUrgency.$isUrgent.withValue(true) {
            #expect(await throttle.turn(for: .once) == nil)
            #expect(await throttle.turn(for: .once) == nil)
        }
        let wait = try #require(await throttle.turn(for: .once))
        #expect((150...180).contains(wait))
        await throttle.pause(seconds: 20)
        let urgent = await CallUrgency.$isUrgent.withValue(true) {
            await throttle.turn(for: .once)
        }
        #expect((15...20).contains(urgent ?? 0))
    }

    @Test func `tell each of a crowd its own time to come again`() async throws {
        let limit = RequestThrottle.Limit(requests: 300, window: .seconds(10))
        let throttle = RequestThrottle(reads: limit, writes: limit)
        await throttle.pause(seconds: 60)
        var waits: [Double] = []
        for _ in 1...1_000 { waits.append(try #require(await throttle.turn(for: .once))) }
        let last = try #require(waits.last)
        // 29 a second: the last of a thousand comes some 34 s after the first.
        #expect((85...95).contains(last))
        for (earlier, later) in zip(waits, waits.dropFirst()) { #expect(later > earlier - 0.03) }
        let crowded = waits.filter { (70..<71).contains($0) }.count
        #expect((20...31).contains(crowded))
    }
}

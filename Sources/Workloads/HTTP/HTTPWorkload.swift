import Foundation
package import RekeyCore
package import RekeyPlatform
package import RekeyPorts

/// An application that is asked over HTTP how it is, and told to reload where it wants to be.
package struct HTTPWorkload: Workload {
    typealias Transport = @Sendable (HTTPRequest) async throws(HTTPFailure) -> HTTPResponse

    let settings: HTTPWorkloadSettings
    private let transport: Transport

    package init(_ settings: HTTPWorkloadSettings, http: HTTPClient) {
        self.init(settings) { request async throws(HTTPFailure) in try await http.send(request) }
    }

    /// For tests, which answer without a server.
    init(_ settings: HTTPWorkloadSettings, transport: @escaping Transport) {
        self.settings = settings
        self.transport = transport
    }

    /// Calls the reload URL with the order's key as `Idempotency-Key`: a repeat is the
    /// application's to recognise.
    ///
    /// Without a reload URL there is nothing to do. An answer that does not come counts as one: a
    /// process that restarts may be gone before it answers, and would be restarted again and again.
    /// What it then holds, `observe` finds out.
    package func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        guard let url = settings.reloadURL else { return }
        var request = try await self.request(.post, url)
        request.headers.append(HTTPHeader(name: "Idempotency-Key", value: order.key.text))
        let response: HTTPResponse
        do { response = try await transport(request) } catch {
            if error.mayHaveTakenEffect { return }
            throw failure(.transient, "\(error)")
        }
        guard (200..<300).contains(response.status) else {
            throw failure(.transient, "reload answered \(response.status)")
        }
    }

    package var needsValue: Bool { settings.challengeURL != nil }

    /// The strongest level that a good answer shows; a check that fails shows nothing.
    ///
    /// Throws where a check cannot be asked, unless another one has shown something. An answer to
    /// the challenge that another value makes is worth less than silence: it shows nothing at all,
    /// however well the application says that it is.
    package func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        var level = EvidenceLevel.none
        var failure: StepFailure?
        for check in settings.checks {
            do {
                if try await passes(check, order) { level = max(level, check.shows) }
            } catch {
                failure = failure ?? error
            }
        }
        if let url = settings.challengeURL {
            do {
                guard try await answers(url, order) else {
                    return Evidence(.none, remark: "its challenge was answered by another value")
                }
                level = .proved
            } catch {
                failure = failure ?? error
            }
        }
        if level == .none, let failure { throw failure }
        return Evidence(level, remark: failure?.reason)
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        var findings: [Finding] = []
        for check in settings.checks {
            _ = try pointer(of: check)
            let response = try await send(try await request(.get, check.url))
            guard response.status != check.status else { continue }
            let text = "a check answered \(response.status), and \(check.status) is expected"
            findings.append(Finding(.warning, "workload \(settings.name)", text))
        }
        return try await findings + challengeFindings()
    }

    private func passes(
        _ check: HTTPWorkloadSettings.Check,
        _ order: WorkloadOrder
    ) async throws(StepFailure) -> Bool {
        let pointer = try pointer(of: check)
        let response = try await send(try await request(.get, check.url))
        guard response.status == check.status else { return false }
        guard let pointer else { return true }
        let found = answer(response.body, at: pointer)
        guard let expected = check.equals else { return found != nil }
        let place = HTTPWorkloadSettings.Check.versionPlace
        guard expected.contains(place) else { return found == expected }
        return order.carriers.contains {
            found == expected.replacingOccurrences(of: place, with: $0.version.text)
        }
    }

    /// A pointer that is none must not turn a check into one of the status alone.
    private func pointer(
        of check: HTTPWorkloadSettings.Check
    ) throws(StepFailure) -> JSONPointer? {
        guard let text = check.pointer else { return nil }
        if let pointer = JSONPointer(text) { return pointer }
        throw failure(.permanent, "\(text) is no JSON pointer such as /version")
    }

    /// A text, number or truth value in a JSON answer, as text.
    func answer(_ body: Secret, at pointer: JSONPointer) -> String? {
        let bytes = body.reveal { span in unsafe span.withUnsafeBytes { unsafe Data($0) } }
        // An answer that is no JSON has nothing at the pointer.
        var node = try? JSONDecoder().decode(JSONAnswer.self, from: bytes)
        for token in pointer.tokens { node = node?[token] }
        return node?.text
    }

    func request(
        _ method: HTTPMethod,
        _ url: String
    ) async throws(StepFailure) -> HTTPRequest {
        var headers: [HTTPHeader] = []
        if let name = settings.header, let token = settings.token {
            headers.append(HTTPHeader(name: name, secret: try await token()))
        }
        let timeout = Duration.seconds(settings.timeoutSeconds)
        return HTTPRequest(method, url, headers: headers, timeout: timeout)
    }

    func send(_ request: HTTPRequest) async throws(StepFailure) -> HTTPResponse {
        do {
            return try await transport(request)
        } catch {
            throw failure(.transient, "\(error)")
        }
    }

    func failure(_ kind: StepFailure.Kind, _ what: String) -> StepFailure {
        StepFailure(kind, "workload \(settings.name): \(what)")
    }
}

import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts

extension HTTPWorkload {
    /// Whether the application answers a fresh challenge as the holder of the order's value does.
    ///
    /// Throws where it gives no answer that could be one.
    func answers(_ url: String, _ order: WorkloadOrder) async throws(StepFailure) -> Bool {
        guard let value = order.value else {
            throw failure(.permanent, "there is no value to hold its answer against")
        }
        let challenge = Challenge(workload: settings.name, credential: order.credential)
        let found = try await answer(to: challenge, at: url)
        return Digest.areEqual(found, challenge.proof(under: value))
    }

    /// Asks as a challenge does, with the answer left unjudged: there is no value to hold it
    /// against.
    func challengeFindings() async throws(StepFailure) -> [Finding] {
        guard let url = settings.challengeURL else { return [] }
        let challenge = Challenge(workload: settings.name, credential: "rekey-check")
        do {
            _ = try await answer(to: challenge, at: url)
            return []
        } catch {
            guard error.kind != .permanent else { throw error }
            return [Finding(.warning, "workload \(settings.name)", error.reason)]
        }
    }

    private func answer(
        to challenge: Challenge,
        at url: String
    ) async throws(StepFailure) -> [UInt8] {
        guard Self.isSafe(url) else {
            throw failure(.permanent, "a challenge goes over https, or stays on this machine")
        }
        var request = try await request(.post, url)
        request.headers.append(HTTPHeader(name: "Content-Type", value: "application/json"))
        request.body = Secret(copying: challenge.body)
        request.responseByteLimit = Challenge.answerByteLimit
        // What stays on this machine goes by no proxy.
        request.bypassesProxy = url.hasPrefix("http://")
        request.isSafeToRepeat = true
        let response = try await send(request)
        guard response.status == 200 else {
            throw failure(.transient, "its challenge answered \(response.status)")
        }
        guard let place = Challenge.place, let text = answer(response.body, at: place),
            let bytes = Challenge.bytes(hexadecimal: text)
        else { throw failure(.transient, "its challenge was answered without a proof") }
        return bytes
    }

    /// Whether an answer gets back unread.
    ///
    /// It lets whoever has it test guesses of the value. The configuration says so first; a
    /// redirection is not followed.
    private static func isSafe(_ url: String) -> Bool {
        if url.hasPrefix("https://") { return true }
        let rest = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
        guard url.hasPrefix("http://"), !rest.contains("@") else { return false }
        if rest.hasPrefix("[") { return rest.hasPrefix("[::1]") }
        let host = rest.prefix { $0 != ":" }
        return host == "localhost"
            || host.hasPrefix("127.") && host.allSatisfy { "0123456789.".contains($0) }
    }
}

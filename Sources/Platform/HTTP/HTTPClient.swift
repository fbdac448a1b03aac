import CCurl
import RekeyCore
import Synchronization

/// Sends HTTP requests through libcurl, on one thread of its own.
///
/// TLS is at least 1.2, and the peer's certificate and host name are always verified. Redirects
/// are not followed, `.netrc` is not read, cookies are not kept. Proxies named by the environment
/// are used unless a request bypasses them. Requests for one client share connections.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let lastTransfer = Atomic<UInt>(0)

    /// Starts the thread that bears the name.
    ///
    /// Trust is read from the environment now, and not again.
    package init(trust: TLSTrust = .system, name: String = "http") {
        loop = TransferLoop(authorities: trust.authorities(), name: name)
    }

    deinit { loop.close(then: nil) }

    /// Sends `request` once and reads the response to its end, whatever its status.
    ///
    /// Cancelling the task aborts the transfer and says whether it may have taken effect.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let address = try HTTPAddress(request.url)
        try request.check(for: address)
        let cancellation = Cancellation()
        let number = lastTransfer.add(1, ordering: .relaxed).newValue
        let deadline = ContinuousClock.now + request.timeout
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let queued = QueuedTransfer(
                    number: number,
                    request: request,
                    address: address,
                    deadline: deadline,
                    cancellation: cancellation,
                    continuation: continuation
                )
                loop.start(queued)
            }
        } onCancel: {
            cancellation.request()
            loop.cancel(number)
        }
        return try outcome.get()
    }

    /// Aborts what is under way, as if cancelled, and returns once the thread has ended.
    ///
    /// Later requests are refused. Closing again waits for the same end.
    package func close() async {
        await withCheckedContinuation { continuation in
            loop.close(then: continuation)
        }
    }
}

/// Whether a task was cancelled, which may be before its transfer is known to the loop.
final class Cancellation: Sendable {
    private let isRequestedNow = Atomic(false)

    var isRequested: Bool { isRequestedNow.load(ordering: .acquiring) }

    func request() { isRequestedNow.store(true, ordering: .releasing) }
}

/// A request on its way to the loop, with whoever waits for its outcome.
struct QueuedTransfer: Sendable {
    let number: UInt
    let request: HTTPRequest
    let address: HTTPAddress
    let deadline: ContinuousClock.Instant
    let cancellation: Cancellation
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>

    func failure(_ kind: HTTPFailure.Kind, _ code: CURLcode, _ text: String) -> HTTPFailure {
        let call = "\(text) \(address.hostAndPort)"
        return HTTPFailure(kind, code: Int32(code.rawValue), call: call)
    }

    func fail(_ kind: HTTPFailure.Kind, _ code: CURLcode, _ text: String) {
        continuation.resume(returning: .failure(failure(kind, code, text)))
    }
}

extension HTTPRequest {
    /// Refuses what could not be sent as it is meant.
    fileprivate func check(for address: HTTPAddress) throws(HTTPFailure) {
        if let body, body.byteCount > Self.bodyByteLimit {
            throw HTTPFailure(
                .refused,
                code: Int32(CURLE_FILESIZE_EXCEEDED.rawValue),
                call: "body: longer than \(Self.bodyByteLimit) bytes \(address.hostAndPort)"
            )
        }
        for header in headers {
            guard let fault = header.fault else { continue }
            throw HTTPFailure(
                .refused,
                code: Int32(CURLE_BAD_FUNCTION_ARGUMENT.rawValue),
                call: "header: \(fault) \(address.hostAndPort)"
            )
        }
    }
}

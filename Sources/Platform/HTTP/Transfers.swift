import CCurl

/// The transfers of one loop: those in libcurl's hands, and those that wait for a place.
///
/// Only the loop's thread uses it.
struct Transfers: ~Copyable {
    /// How many transfers libcurl works on at once; the rest wait, within their own time.
    static let placeCount = 256

    /// How many may wait; more are refused.
    static let queueLimit = 16_384

    /// How many idle connections are kept.
    static let idleConnectionLimit = 64

    private let multi: MultiHandle?
    private let authorities: TLSAuthorities?
    private var running: [UInt: Transfer] = [:]
    private var queue: [QueuedTransfer] = []

    init(multi: MultiHandle?, authorities: TLSAuthorities?) {
        self.multi = multi
        self.authorities = authorities
        _ = multi?.set(CURLMOPT_MAXCONNECTS, Self.idleConnectionLimit)
    }

    mutating func enqueue(_ queued: QueuedTransfer) {
        guard !queued.cancellation.isRequested else { return cancelled(queued) }
        guard queue.count < Self.queueLimit else {
            return queued.fail(.refused, CURLE_AGAIN, "client: \(queue.count) requests wait")
        }
        queue.append(queued)
    }

    mutating func cancel(_ number: UInt) {
        if let index = queue.firstIndex(where: { $0.number == number }) {
            cancelled(queue.remove(at: index))
        }
        abort(number, "cancelled")
    }

    /// Works off what can be done now, and starts what there is a place for.
    mutating func proceed() {
        startWaiting()
        guard let multi else { return }
        let code = multi.perform()
        guard code == CURLM_OK else { return fail(code) }
        while let (number, code) = multi.nextEnded() {
            end(number) { $0.outcome(code) }
        }
        startWaiting()
        expireWaiting()
    }

    /// Waits for sockets, a command, or the next deadline.
    func wait(atMostMilliseconds longest: Int32) {
        let left = queue.map(\.deadline).min().map { ContinuousClock.now.duration(to: $0) }
        let seconds = left.map { max(0, $0.components.seconds) + 1 } ?? Int64(longest)
        _ = multi?.poll(milliseconds: Int32(min(Int64(longest), seconds * 1000)))
    }

    mutating func abortAll() {
        for queued in queue { cancelled(queued) }
        queue = []
        for number in running.keys { abort(number, "client: closed") }
    }

    private mutating func startWaiting() {
        var started = 0
        while started < queue.count, running.count < Self.placeCount {
            start(queue[started])
            started += 1
        }
        queue.removeFirst(started)
    }

    private mutating func start(_ queued: QueuedTransfer) {
        guard let multi else {
            return queued.fail(.notSent, CURLE_FAILED_INIT, "curl_multi_init: no handle")
        }
        do throws(OptionRefusal) {
            let transfer = try Transfer(queued, authorities: authorities)
            let code = multi.add(transfer.easy)
            guard code == CURLM_OK else {
                let call = "curl_multi_add_handle: \(code.rawValue)"
                return queued.fail(.notSent, CURLE_FAILED_INIT, call)
            }
            running[queued.number] = transfer
        } catch {
            let call = "curl_easy_setopt(\(error.option.rawValue)): \(error.code.rawValue)"
            queued.fail(.refused, error.code, call)
        }
    }

    private mutating func expireWaiting() {
        let now = ContinuousClock.now
        let expired = queue.filter { $0.deadline <= now }
        guard !expired.isEmpty else { return }
        queue.removeAll { $0.deadline <= now }
        for queued in expired {
            queued.fail(.notSent, CURLE_OPERATION_TIMEDOUT, "client: no free place in time")
        }
    }

    /// libcurl as a whole has failed: nothing that it holds will be heard of again.
    private mutating func fail(_ code: CURLMcode) {
        for number in running.keys {
            end(number) { transfer in
                let kind: HTTPFailure.Kind = transfer.hasSentSomething ? .maybeSent : .notSent
                let call = "curl_multi_perform: \(code.rawValue)"
                return .failure(transfer.queued.failure(kind, CURLE_FAILED_INIT, call))
            }
        }
    }

    private mutating func abort(_ number: UInt, _ reason: String) {
        end(number) { transfer in
            let kind = HTTPFailure.Kind.cancelled(maybeSent: transfer.hasSentSomething)
            return .failure(transfer.queued.failure(kind, CURLE_ABORTED_BY_CALLBACK, reason))
        }
    }

    /// Takes a transfer from libcurl and resumes whoever waits, once its memory is erased.
    private mutating func end(
        _ number: UInt,
        _ outcome: (Transfer) -> Result<HTTPResponse, HTTPFailure>
    ) {
        guard let transfer = running.removeValue(forKey: number) else { return }
        let result = outcome(transfer)
        let continuation = transfer.queued.continuation
        _ = multi?.remove(transfer.easy)
        _ = consume transfer
        continuation.resume(returning: result)
    }

    private func cancelled(_ queued: QueuedTransfer) {
        queued.fail(.cancelled(maybeSent: false), CURLE_ABORTED_BY_CALLBACK, "cancelled")
    }
}

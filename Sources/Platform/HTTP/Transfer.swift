import CCurl
import RekeyCore

/// One request in libcurl's hands, with the memory that libcurl refers to.
///
/// Only the loop's thread uses it. Its callbacks copy and return.
@safe final class Transfer {
    let queued: QueuedTransfer
    let easy: EasyHandle
    private let response: ResponseParts
    private let body: ErasedBytes
    private var headers = HeaderList()

    /// Sets everything up, and sends nothing.
    init(_ queued: QueuedTransfer, authorities: TLSAuthorities?) throws(OptionRefusal) {
        guard let easy = EasyHandle() else {
            throw OptionRefusal(option: CURLOPT_URL, code: CURLE_OUT_OF_MEMORY)
        }
        self.queued = queued
        self.easy = easy
        response = ResponseParts(byteLimit: queued.request.responseByteLimit)
        body = ErasedBytes(capacity: queued.request.body?.byteCount ?? 0)
        try setUpRequest()
        try setUpHeaders()
        try setUpSafety(authorities)
        try setUpCallbacks()
        try setUpTimes()
    }

    /// What libcurl's code means, with what has arrived.
    func outcome(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
        guard code == CURLE_OK else {
            let kind: HTTPFailure.Kind = mayHaveBeenSent(code) ? .maybeSent : .notSent
            let call = "curl_easy_perform: \(text(of: code))"
            return .failure(queued.failure(kind, code, call))
        }
        let answer = HTTPResponse(
            status: easy.number(CURLINFO_RESPONSE_CODE),
            headers: response.headers,
            body: response.body
        )
        return .success(answer)
    }

    /// Whether a part of the request has left; meant for a transfer that has not ended.
    var hasSentSomething: Bool {
        easy.number(CURLINFO_REQUEST_SIZE) > 0
            || easy.offset(CURLINFO_SIZE_UPLOAD_T) > 0
            || easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0
    }

    private func mayHaveBeenSent(_ code: CURLcode) -> Bool {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            // These belong to the look-up, the connection and the handshake, even when a proxy
            // was spoken to before.
            return false
        default:
            let proxyStatus = easy.number(CURLINFO_HTTP_CONNECTCODE)
            let hasProxyRefused = proxyStatus != 0 && !(200..<300).contains(proxyStatus)
            return hasSentSomething && !hasProxyRefused
        }
    }

    private func text(of code: CURLcode) -> String {
        let name = unsafe String(cString: curl_easy_strerror(code))
        if response.isTooLong {
            return "\(code.rawValue) (response longer than \(queued.request.responseByteLimit) "
                + "bytes, or its headers than \(ResponseParts.headerByteLimit))"
        }
        guard code == CURLE_PEER_FAILED_VERIFICATION else { return "\(code.rawValue) (\(name))" }
        let verdict = CertificateVerdict(code: easy.number(CURLINFO_SSL_VERIFYRESULT))
        return "\(code.rawValue) (\(verdict))"
    }
}

extension Transfer {
    private func setUpRequest() throws(OptionRefusal) {
        let request = queued.request
        try easy.tag(queued.number)
        try easy.set(CURLOPT_URL, request.url)
        if request.body != nil || !request.method.isSafe {
            _ = request.body?.reveal { body.append($0) }
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.byteCount)
            try unsafe easy.set(CURLOPT_POSTFIELDS, pointer: body.start)
        }
        try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try easy.set(CURLOPT_FRESH_CONNECT, request.isSafeToRepeat ? 0 : 1)
        if request.bypassesProxy { try easy.set(CURLOPT_NOPROXY, "*") }
    }

    private func setUpHeaders() throws(OptionRefusal) {
        // No pause for `100 Continue`, and no type that nobody asked for.
        var isWhole = headers.append("Expect:")
        let names = queued.request.headers.map { $0.name.lowercased() }
        if !names.contains("content-type") {
            isWhole = headers.append("Content-Type:") && isWhole
        }
        for header in queued.request.headers {
            isWhole = headers.append(header) && isWhole
        }
        guard isWhole else {
            throw OptionRefusal(option: CURLOPT_HTTPHEADER, code: CURLE_OUT_OF_MEMORY)
        }
        try unsafe easy.set(CURLOPT_HTTPHEADER, list: headers.list)
        try easy.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func setUpSafety(_ authorities: TLSAuthorities?) throws(OptionRefusal) {
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_VERBOSE, 0)
        try easy.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let authorities else { return }
        try easy.set(CURLOPT_CAINFO, authorities.file)
        try easy.set(CURLOPT_CAPATH, authorities.folder)
        try easy.set(CURLOPT_PROXY_CAINFO, authorities.file)
        try easy.set(CURLOPT_PROXY_CAPATH, authorities.folder)
    }

    private func setUpTimes() throws(OptionRefusal) {
        let left = ContinuousClock.now.duration(to: queued.deadline)
        try easy.set(CURLOPT_TIMEOUT_MS, max(1, left.milliseconds))
        try easy.set(
            CURLOPT_CONNECTTIMEOUT_MS,
            max(1, queued.request.connectTimeout.milliseconds)
        )
        try easy.set(CURLOPT_NOSIGNAL, 1)
        // A look-up under way has a thread of its own, which is left behind instead of waited for.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        try easy.closeSocketsOnExec()
    }

    private func setUpCallbacks() throws(OptionRefusal) {
        // `TransferLoop` keeps the transfer, and with it its response, until libcurl has let go.
        let context = unsafe Unmanaged.passUnretained(response).toOpaque()
        try unsafe easy.set(CURLOPT_WRITEDATA, pointer: context)
        try unsafe easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe Transfer.deliver(bytes, size * count, context) {
                unsafe $0.takeBody($1)
            }
        }
        try unsafe easy.set(CURLOPT_HEADERDATA, pointer: context)
        try unsafe easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe Transfer.deliver(bytes, size * count, context) {
                unsafe $0.takeHeader($1)
            }
        }
    }

    /// Returns the number of bytes taken; any other number than all of them ends the transfer.
    private static func deliver(
        _ bytes: UnsafeMutablePointer<CChar>?,
        _ byteCount: Int,
        _ context: UnsafeMutableRawPointer?,
        to take: (ResponseParts, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context = unsafe context else { return -1 }
        let response = unsafe Unmanaged<ResponseParts>.fromOpaque(context).takeUnretainedValue()
        let part = unsafe UnsafeRawBufferPointer(start: bytes, count: byteCount)
        return unsafe take(response, part) ? byteCount : -1
    }
}

extension Duration {
    /// Whole milliseconds, at most what 31 bits hold.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        let bounded = min(max(seconds, 0), Int64(Int32.max) / 1000 - 1)
        return Int(bounded * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

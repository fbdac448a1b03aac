import CCurl

/// An option that libcurl did not take.
struct OptionRefusal: Error {
    let option: CURLoption
    let code: CURLcode
}

/// A `CURL` with one owner, closed when it is dropped.
@safe struct EasyHandle: ~Copyable {
    private let handle: UnsafeMutableRawPointer

    init?() {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    func withHandle<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
        unsafe body(handle)
    }

    func set(_ option: CURLoption, _ value: Int) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, offset: Int) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_offset(handle, option, curl_off_t(offset)))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ text: String?) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_string(handle, option, text))
    }

    /// The caller keeps what lies at `pointer` alive for as long as the transfer.
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_pointer(handle, option, pointer))
    }

    /// The caller keeps the list alive for as long as the transfer.
    func set(
        _ option: CURLoption,
        list: UnsafeMutablePointer<curl_slist>?
    ) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_list(handle, option, list))
    }

    func set(
        _ option: CURLoption,
        callback:
            @escaping @convention(c) (
                UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
            ) -> Int
    ) throws(OptionRefusal) {
        try check(option, unsafe rekey_curl_set_callback(handle, option, callback))
    }

    /// Tags the transfer, so that `MultiHandle.nextEnded` can name it.
    func tag(_ transfer: UInt) throws(OptionRefusal) {
        try check(CURLOPT_PRIVATE, unsafe rekey_curl_set_private(handle, transfer))
    }

    func closeSocketsOnExec() throws(OptionRefusal) {
        try check(CURLOPT_SOCKOPTFUNCTION, unsafe rekey_curl_close_sockets_on_exec(handle))
    }

    /// A number about the transfer; 0 where libcurl has none.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        _ = unsafe rekey_curl_get_long(handle, info, &value)
        return value
    }

    /// A 64-bit number about the transfer; 0 where libcurl has none.
    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        _ = unsafe rekey_curl_get_offset(handle, info, &value)
        return Int(value)
    }

    private func check(_ option: CURLoption, _ code: CURLcode) throws(OptionRefusal) {
        if code != CURLE_OK { throw OptionRefusal(option: option, code: code) }
    }
}

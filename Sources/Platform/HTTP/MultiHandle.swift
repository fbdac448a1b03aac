import CCurl

/// A `CURLM` with one owner.
///
/// Sendable because only its loop's thread calls it, but for `wake`, which libcurl allows from
/// any thread (`curl_multi_wakeup(3)`), and `deinit`, when nobody else is left.
@safe final class MultiHandle: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    init?() {
        guard HTTPLibrary.start() == CURLE_OK, let handle = unsafe curl_multi_init() else {
            return nil
        }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_multi_cleanup(handle) }

    func set(_ option: CURLMoption, _ value: Int) -> CURLMcode {
        unsafe rekey_curl_multi_set_long(handle, option, value)
    }

    func add(_ easy: borrowing EasyHandle) -> CURLMcode {
        unsafe easy.withHandle { unsafe curl_multi_add_handle(handle, $0) }
    }

    func remove(_ easy: borrowing EasyHandle) -> CURLMcode {
        unsafe easy.withHandle { unsafe curl_multi_remove_handle(handle, $0) }
    }

    func perform() -> CURLMcode {
        var running: Int32 = 0
        return unsafe curl_multi_perform(handle, &running)
    }

    /// Waits until a socket is ready, `wake` is called, or the time has passed.
    func poll(milliseconds: Int32) -> CURLMcode {
        unsafe curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    func wake() { _ = unsafe curl_multi_wakeup(handle) }

    /// The next transfer that has ended, by the number it was tagged with, and how it ended.
    func nextEnded() -> (transfer: UInt, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            var transfer: UInt = 0
            let code = unsafe rekey_curl_message_result(message)
            _ = unsafe rekey_curl_get_private(message.pointee.easy_handle, &transfer)
            return (transfer, code)
        }
        return nil
    }
}

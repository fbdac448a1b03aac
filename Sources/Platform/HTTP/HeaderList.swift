import CCurl

/// A `curl_slist` of request headers with one owner, whose memory libcurl erases when freed.
@safe struct HeaderList: ~Copyable {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    init() { unsafe list = nil }

    deinit { unsafe curl_slist_free_all(list) }

    /// Adds a line, or returns false when there is no memory.
    mutating func append(_ header: HTTPHeader) -> Bool {
        unsafe header.line.withBytes { unsafe append($0.bindMemory(to: CChar.self).baseAddress) }
    }

    mutating func append(_ line: StaticString) -> Bool {
        unsafe append(UnsafeRawPointer(line.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    private mutating func append(_ line: UnsafePointer<CChar>?) -> Bool {
        guard let longer = unsafe curl_slist_append(list, line) else { return false }
        unsafe list = longer
        return true
    }
}

import CCurl

/// libcurl's process-wide state.
enum HTTPLibrary {
    private static let code = rekey_curl_global_init()

    /// Initialises libcurl once per process; every later call returns the same code.
    @discardableResult
    static func start() -> CURLcode { code }
}

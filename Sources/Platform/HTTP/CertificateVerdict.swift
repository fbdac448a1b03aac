import COpenSSL

/// Why a server's certificate was not believed, in OpenSSL's words.
struct CertificateVerdict: CustomStringConvertible {
    /// A `X509_V_…` code.
    let code: Int

    var description: String {
        // libcurl 7.88 compares the names before it asks for the result, which it leaves at
        // "unspecified" where they differ; a chain that is not trusted always has a reason.
        guard code != Int(X509_V_OK), code != Int(X509_V_ERR_UNSPECIFIED) else {
            return "the certificate does not name this host"
        }
        let text = unsafe String(cString: X509_verify_cert_error_string(code))
        return "certificate not trusted, \(code): \(text)"
    }
}

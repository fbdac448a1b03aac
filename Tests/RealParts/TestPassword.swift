/// Makes passwords for the servers of one test run; nothing is fixed, so nothing can be relied on.
package enum TestPassword {
    private static let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    private static let length = 24

    /// Letters and digits only, so that it needs no quoting in a URL or a configuration file.
    package static func make() -> String {
        String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}

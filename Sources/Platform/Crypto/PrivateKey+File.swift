import RekeyCore

extension PrivateKey {
    /// Writes the PEM to a new file that only its owner can read; an existing one is left alone.
    package func writePEM(to path: String) throws {
        try AtomicFile.create(path, contents: pem(), mode: 0o600)
    }
}

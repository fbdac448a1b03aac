import Foundation
import RekeyCore
import RekeyPorts

/// A target whose two users lie in a file, so that it outlives a killed worker.
actor FileTarget: InstallingTarget {
    private struct User: Codable, Sendable {
        var password: [UInt8]
        var mayLogIn: Bool
    }

    private let file: StateFile<[String: User]>
    private let credential: BenchCredential

    init(_ credential: BenchCredential, in folder: String) {
        self.credential = credential
        file = StateFile(credential.target.text, in: folder)
    }

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        let users = try read()
        let accounts = credential.accounts
        let active = accounts.filter { users[$0.text]?.mayLogIn == true }
        let known = current.flatMap { account(of: $0, in: users) }
        return TargetState(
            accepted: active.map { TargetState.Accepted($0) },
            current: known,
            next: known.flatMap { known in accounts.first { $0 != known } }
        )
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        guard self.account(of: credential, in: try read()) != nil else {
            throw StepFailure(.permanent, "sign-in: refused")
        }
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        account(of: credential, in: try read()) != nil
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try change { $0[account.text]?.mayLogIn = false }
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence { .unused }

    func preflight() async throws(StepFailure) -> [Finding] { [] }

    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        guard let account = credential.account else {
            throw StepFailure(.permanent, "install: no account named")
        }
        let password = credential.secret.bytes
        try change { $0[account.text] = User(password: password, mayLogIn: true) }
    }

    private func account(of credential: Credential, in users: [String: User]) -> AccountID? {
        self.credential.accounts.first { account in
            guard let user = users[account.text], user.mayLogIn else { return false }
            return user.password == credential.secret.bytes
                && credential.account.map { $0 == account } != false
        }
    }

    private func read() throws(StepFailure) -> [String: User] {
        do {
            let first = User(password: credential.current.secret.bytes, mayLogIn: true)
            return try file.read() ?? [credential.accounts[0].text: first]
        } catch { throw StepFailure(.transient, "\(file.path): cannot be read") }
    }

    private func change(_ body: (inout [String: User]) -> Void) throws(StepFailure) {
        var users = try read()
        body(&users)
        do { try file.write(users) } catch {
            throw StepFailure(.unknown, "\(file.path): cannot be written")
        }
    }
}

extension Secret {
    /// A copy for a test double; the value is none that opens anything.
    var bytes: [UInt8] {
        reveal { span in
            (0..<span.byteCount).map {
                unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
            }
        }
    }
}

/// An account and the secret that proves it, as a target wants them.
package struct Credential: Sendable {
    /// `nil` where the target knows one account only, or the value stands alone.
    package let account: AccountID?
    package let secret: Secret

    package init(account: AccountID?, secret: Secret) {
        self.account = account
        self.secret = secret
    }
}

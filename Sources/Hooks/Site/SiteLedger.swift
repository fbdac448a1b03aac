import Foundation
import RekeyCore
package import RekeyPorts
import Synchronization

/// The answers of the sites' agents, as far as this process has seen them.
///
/// What is lost with the process is asked for again: the same delivery makes the agent answer
/// again, without doing it twice.
package final class SiteLedger: Sendable {
    private let users: [String: String]
    private let answers = Mutex<[String: SiteAnswer]>([:])

    /// `users` are the broker's users of the sites: nobody else's word counts for a site.
    package init(users: [String: String]) { self.users = users }

    /// Takes an answer in.
    ///
    /// Answers false for one that is malformed or not from the site's user.
    @discardableResult
    package func take(_ delivery: Delivery) -> Bool {
        guard let event = try? JSONDecoder().decode(Envelope.self, from: Data(delivery.body)),
            let user = users[event.data.site], delivery.properties.userID == user
        else { return false }
        answers.withLock { $0[event.data.key] = event.data }
        return true
    }

    func answer(to key: NaturalKey) -> SiteAnswer? {
        answers.withLock { $0[key.text] }
    }

    /// Forgets an answer, so that the next delivery is answered anew.
    func forget(_ key: NaturalKey) {
        answers.withLock { _ = $0.removeValue(forKey: key.text) }
    }

    private struct Envelope: Decodable { var data: SiteAnswer }
}

import Foundation
import RekeyCore
package import RekeyPorts
import Synchronization

/// The answers of the sites' agents, as far as this process has seen them.
///
/// Each worker hears all of them, by a queue of its own: the one that runs the rotation as well.
/// What is lost with the process is asked for again: the same delivery makes the agent answer
/// again, without doing it twice.
package final class SiteLedger: Sendable {
    /// The answers that are kept; beyond that the oldest are forgotten, and asked for again.
    static let answerLimit = 4_096

    private struct Place: Hashable {
        let site: String
        let key: String
    }

    private struct State {
        var answers: [Place: SiteAnswer] = [:]
        var order: [Place] = []
    }

    private let users: [String: String]
    private let state = Mutex(State())

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
        let place = Place(site: event.data.site, key: event.data.key)
        state.withLock { state in
            if state.answers.updateValue(event.data, forKey: place) == nil {
                state.order.append(place)
            }
            guard state.order.count > Self.answerLimit else { return }
            state.answers[state.order.removeFirst()] = nil
        }
        return true
    }

    /// What `site` itself answered to the delivery with this key.
    func answer(of site: String, to key: NaturalKey) -> SiteAnswer? {
        state.withLock { $0.answers[Place(site: site, key: key.text)] }
    }

    /// Forgets a failure, of which every worker hears, before the delivery is made again.
    func forgetFailure(_ key: NaturalKey, of site: String) {
        if answer(of: site, to: key)?.outcome == .failed { forget(key, of: site) }
    }

    /// Forgets an answer, so that the next delivery is answered anew.
    func forget(_ key: NaturalKey, of site: String) {
        let place = Place(site: site, key: key.text)
        state.withLock { state in
            guard state.answers.removeValue(forKey: place) != nil else { return }
            state.order.removeAll { $0 == place }
        }
    }

    private struct Envelope: Decodable { var data: SiteAnswer }
}

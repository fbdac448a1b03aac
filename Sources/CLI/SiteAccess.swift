import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker
import SiteHook
import Synchronization

/// The way to the sites' agents and back: one broker to publish on, one ledger of answers.
final class SiteAccess: Sendable {
    let ledger: SiteLedger
    /// This process's own queue for the answers; nil without sites.
    let answersQueue: String?
    private let broker = Mutex<RabbitMQBroker?>(nil)

    init(_ settings: Settings) {
        ledger = SiteLedger(users: settings.sites.mapValues(\.user))
        answersQueue =
            settings.sites.isEmpty
            ? nil : SagaBus.answersQueue(of: UUID().uuidString.lowercased())
    }

    /// The queues beside the saga's that a worker has to consume.
    var sideQueues: SideQueues {
        guard let answersQueue else { return [:] }
        let ledger = ledger
        return [answersQueue: { ledger.take($0) }]
    }

    /// From now on deliveries are published on `broker`.
    func connect(_ broker: RabbitMQBroker) { self.broker.withLock { $0 = broker } }

    func publish(_ publication: Publication) async -> PublishOutcome {
        guard let broker = broker.withLock({ $0 }) else { return .unknown("no worker runs here") }
        return await broker.publish([publication]).first ?? .unknown("the broker gave no answer")
    }
}

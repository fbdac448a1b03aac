package import RekeyPorts
import Testing

/// A broker with the topology of `BrokerConformance`, and nothing else in it.
package protocol BrokerUnderTest: Sendable {
    /// Another participant on the same queues, not yet running.
    func broker(consuming queues: [String]) async throws -> any Broker

    /// Loses the connections of a running participant, which comes back by itself.
    func cut(_ broker: any Broker) async throws

    /// What a queue holds, unacknowledged included.
    func count(in queue: String) async throws -> Int

    var parkingLot: any ParkingLot { get }

    /// The user as whom participants and the parking lot sign in.
    var user: String { get }
}

/// What every broker promises, each promise as one check on a fresh broker.
package enum BrokerConformance: String, CaseIterable, Sendable {
    case routesByTopic = "an event goes to every queue whose binding matches, once"
    case keepsWhatTravels = "body, properties and headers arrive as they were published"
    case answersInOrder = "each publication has its own answer, in order"
    case refusesOversize = "an event beyond the limits is refused, and the rest goes on"
    case toleratesMissingExchange = "a missing exchange is refused, and the rest goes on"
    case forgetsAcknowledged = "what was acknowledged does not come again"
    case acknowledgesInAnyOrder = "what was acknowledged in any order leaves the others"
    case redelivers = "what was not acknowledged comes again, counted, and its old tag is void"
    case rejects = "what was rejected is parked"
    case limitsDeliveries = "what was delivered too often is parked"
    case ignoresVoidTags = "a tag that is settled already, or of nobody, is ignored"
    case sharesQueues = "two participants on one queue share its events"
    case repeatsIDs = "publishing one id twice is allowed"
    case endsWithRun = "deliveries end when run does, and what is unacknowledged goes back"
    case answersAfterEnd = "publishing without a connection is answered"
    case listsParked = "parked events can be listed, and stay where they are"
    case replaysParked = "a parked event is replayed once, to one queue"
    case keepsWhoPublished = "a replayed event keeps its id and who published it first"
    case findsNameless = "a parked event that nobody named has an id all the same"
    case discardsParked = "a parked event can be discarded"
    case namesMissingQueue = "a queue that does not exist is named"

    /// More deliveries than this park an event, in a broker under test.
    package static let deliveryLimit = 2

    package static let topology = Topology(
        exchanges: [
            .init("rekey.events", .topic), .init("rekey.dead", .direct),
            .init("rekey.all", .fanout),
        ],
        queues: [
            .init("rekey.parked.one", deadLetter: nil),
            .init("rekey.step.one", deadLetter: dead), .init("rekey.step.two", deadLetter: dead),
        ],
        bindings: [
            .init(exchange: "rekey.dead", queue: "rekey.parked.one", routingKey: "one"),
            .init(exchange: "rekey.events", queue: "rekey.step.one", routingKey: "one.#"),
            .init(exchange: "rekey.events", queue: "rekey.step.one", routingKey: "*.both"),
            .init(exchange: "rekey.events", queue: "rekey.step.two", routingKey: "two.*"),
            .init(exchange: "rekey.events", queue: "rekey.step.two", routingKey: "#.both"),
            .init(exchange: "rekey.all", queue: "rekey.step.two", routingKey: ""),
        ]
    )
    private static let dead = Topology.DeadLetter(exchange: "rekey.dead", routingKey: "one")

    package func check(_ subject: any BrokerUnderTest) async throws {
        switch self {
        case .routesByTopic: try await Self.checkRouting(subject)
        case .keepsWhatTravels: try await Self.checkContents(subject)
        case .answersInOrder: try await Self.checkAnswers(subject)
        case .refusesOversize: try await Self.checkLimits(subject)
        case .toleratesMissingExchange: try await Self.checkMissingExchange(subject)
        case .forgetsAcknowledged: try await Self.checkAcknowledged(subject)
        case .acknowledgesInAnyOrder:
            try await Self.checkAcknowledgedInAnyOrder(subject)
        case .redelivers: try await Self.checkRedelivery(subject)
        case .rejects: try await Self.checkRejection(subject)
        case .limitsDeliveries: try await Self.checkDeliveryLimit(subject)
        case .ignoresVoidTags: try await Self.checkVoidTags(subject)
        case .sharesQueues: try await Self.checkSharing(subject)
        case .repeatsIDs: try await Self.checkRepeatedIDs(subject)
        case .endsWithRun: try await Self.checkEnd(subject)
        case .answersAfterEnd: try await Self.checkPublishingAfterEnd(subject)
        case .listsParked: try await Self.checkListing(subject)
        case .replaysParked: try await Self.checkReplay(subject)
        case .keepsWhoPublished: try await Self.checkReplayedIdentity(subject)
        case .findsNameless: try await Self.checkNameless(subject)
        case .discardsParked: try await Self.checkDiscard(subject)
        case .namesMissingQueue: try await Self.checkMissingQueue(subject)
        }
    }
}

extension BrokerConformance {
    /// An event with this id, to the topic exchange.
    package static func event(
        _ id: String,
        to routingKey: String,
        exchange: String = "rekey.events",
        body: [UInt8] = Array("{}".utf8)
    ) -> Publication {
        Publication(
            exchange: exchange,
            routingKey: routingKey,
            body: body,
            properties: EventProperties(messageID: id)
        )
    }

    /// Publishes from a participant that consumes nothing.
    static func publish(
        _ publications: [Publication],
        on subject: any BrokerUnderTest
    )
        async throws -> [PublishOutcome]
    {
        let sender = try await RunningBroker(subject.broker(consuming: []))
        let outcomes = await sender.broker.publish(publications)
        try await sender.stop()
        return outcomes
    }
}

import ArgumentParser
import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey parked`: events that nobody could take, and what becomes of them.
struct Parked: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists, shows, replays or discards events that were parked.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists parked events.")

        private static let reasonOfTheBroker = "rejected, or delivered too often"

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "A queue such as rekey.intake; all queues where left out.")
        var queue: String?
        @Option(help: "How many events of a queue at most.")
        var limit = 100

        func run() async throws {
            let assembly = Assembly(try configuration.load())
            let lot = try assembly.parkingLot()
            var rows = [["QUEUE", "EVENT", "TYPE", "PARKED", "REASON"]]
            for name in queue.map({ [$0] }) ?? assembly.parkedQueues {
                for delivery in try await lot.list(SagaBus.parked(name), limit: limit) {
                    let properties = delivery.properties
                    let size = delivery.oversize.map { EventFailure.tooLarge($0).description }
                    rows.append([
                        name, delivery.parkedID, properties.type ?? "-",
                        properties.headers[EventProperties.parkedAtHeader] ?? "-",
                        properties.headers["rekey-parked-reason"] ?? size
                            ?? Self.reasonOfTheBroker,
                    ])
                }
            }
            guard rows.count > 1 else { return Console.line("nothing is parked") }
            Console.table(rows)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one parked event.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var choice: Choice

        func run() async throws {
            let assembly = Assembly(try configuration.load())
            let lot = try assembly.parkingLot()
            let all = try await lot.list(
                SagaBus.parked(choice.queue),
                limit: RabbitMQParkingLot.listLimit
            )
            guard let found = all.first(where: { $0.parkedID == choice.event }) else {
                throw choice.missing
            }
            for (name, value) in found.properties.headers.sorted(by: { $0.key < $1.key }) {
                Console.line("\(name): \(value)")
            }
            let user = found.properties.firstUser(parkedBy: assembly.settings.broker.user)
            Console.line("user: \(user ?? "not said")")
            if let size = found.oversize {
                return Console.line("\(EventFailure.tooLarge(size)): it can only be discarded")
            }
            Console.text(String(decoding: found.body, as: UTF8.self))
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a parked event back into its queue.",
            discussion: "It keeps its id and who published it; beside that stands who replayed it."
        )

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var choice: Choice

        func run() async throws {
            let lot = try Assembly(try configuration.load()).parkingLot()
            let isFound = try await lot.replay(
                choice.event,
                from: SagaBus.parked(choice.queue),
                to: choice.queue
            )
            guard isFound else { throw choice.missing }
            Console.line("\(choice.event) is back in \(choice.queue)")
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a parked event away for good."
        )

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var choice: Choice

        func run() async throws {
            let lot = try Assembly(try configuration.load()).parkingLot()
            let parked = SagaBus.parked(choice.queue)
            guard try await lot.discard(choice.event, from: parked) else { throw choice.missing }
            Console.line("\(choice.event) is gone")
        }
    }

    /// One parked event.
    struct Choice: ParsableArguments {
        @Argument(help: "The queue that it was meant for, such as rekey.intake.")
        var queue: String
        @Argument(help: "The event's id.")
        var event: String

        var missing: Problem {
            Problem(
                "no event \(event) is parked for \(queue)",
                hint: "`rekey parked list` names them",
                code: Problem.usage
            )
        }
    }
}

extension Assembly {
    fileprivate func parkingLot() throws -> RabbitMQParkingLot {
        RabbitMQParkingLot(settings: try brokerSettings(connectDeadline: .seconds(5)))
    }

    /// The queues whose events may be parked.
    fileprivate var parkedQueues: [String] {
        topology.queues.filter { $0.deadLetter != nil }.map(\.name)
    }
}

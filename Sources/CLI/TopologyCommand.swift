import ArgumentParser
import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey topology`: the exchanges, queues and bindings that Rekey needs.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Shows, exports or declares the exchanges, queues and bindings.",
        subcommands: [Show.self, Export.self, Apply.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows them.")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let topology = Assembly(try configuration.load()).topology
            for exchange in topology.exchanges {
                Console.line("exchange \(exchange.name) (\(exchange.kind.rawValue))")
            }
            for queue in topology.queues {
                Console.line("queue \(queue.name)")
                for binding in topology.bindings where binding.queue == queue.name {
                    Console.line("  from \(binding.exchange) by \(binding.routingKey)")
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints them as a definitions file of RabbitMQ.",
            discussion: "For `rabbitmqctl import_definitions`; it has no users."
        )

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let assembly = Assembly(try configuration.load())
            let host = assembly.settings.broker.virtualHost
            try Console.json(BrokerDefinitions(assembly.topology, in: host))
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declares them; `rekey run` does it, too. Nothing is ever deleted."
        )

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "How many seconds it may take.")
        var seconds = 30

        func run() async throws {
            let assembly = Assembly(try configuration.load())
            let broker = RabbitMQBroker(
                settings: try assembly.brokerSettings(connectDeadline: .seconds(seconds)),
                topology: assembly.topology,
                subscriptions: []
            )
            let limit = Duration.seconds(seconds)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await broker.run()
                    return false
                }
                group.addTask {
                    // It publishes only once everything is declared.
                    while !broker.state.isPublishing {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return true
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return false
                }
                defer { group.cancelAll() }
                guard try await group.next() == true else {
                    throw Problem(
                        "the broker did not take the topology within \(limit)",
                        hint: "is it up, and may the user configure rekey.*?",
                        code: Problem.outsideSystem
                    )
                }
            }
            Console.line("\(assembly.topology.queues.count) queues are declared")
        }
    }
}

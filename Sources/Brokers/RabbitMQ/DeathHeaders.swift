/// What the broker writes beside an event that it redelivered or dead-lettered.
///
/// Published again, they make brokers before 4.0 drop the event as a cycle (trap 5 of
/// deploy/rabbitmq/README.md).
enum DeathHeaders {
    private static let names: Set<String> = ["x-death", "x-delivery-count", "x-acquired-count"]
    private static let beginnings = ["x-first-death-", "x-last-death-"]

    static func contains(_ name: String) -> Bool {
        names.contains(name) || beginnings.contains { name.hasPrefix($0) }
    }
}

import ArgumentParser
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// Measures how soon an idle worker acts on an event.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "From an event that comes in to the first call of the target, when idle.",
        discussion: """
            The real worker, RabbitMQ and a SQLite journal with synchronous=FULL; vault and \
            target answer at once. A client with a connection of its own publishes a \
            rekey.rotation.requested.v1, each for another credential, once the rotation before \
            has closed and a pause is over. The time begins before the publication and ends \
            where the worker calls the target: first of all `inspect`, with which admission \
            asks which account is in use, and which the floor is for; then `install`, the first \
            call that changes the target, two durable steps later. A quorum queue delivers an \
            event once it is on disk, as the confirm does: what both have is the broker's.
            """
    )

    @Option(help: "How many events are measured.")
    var events = 200

    @Option(help: "How many events come before those.")
    var warmUpEvents = 20

    @Option(help: "How long the worker has nothing to do before an event, in milliseconds.")
    var pause = 50

    @Option(help: "The size of an event, in bytes.")
    var eventBytes = 1024

    @Option(help: "Where the journal is made: a folder on a disk, not in memory.")
    var directory = "."

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(events), (0...100_000).contains(warmUpEvents) else {
            throw ValidationError("--events is 1 to 100000, and --warm-up-events 0 to 100000")
        }
        guard (0...60_000).contains(pause) else { throw ValidationError("--pause is 0 to 60000") }
        guard (64...65_536).contains(eventBytes) else {
            throw ValidationError("--event-bytes is 64 to 65536")
        }
    }

    func run() async throws {
        let folder = try JournalFolder(in: directory)
        let rabbit = try await PrivateRabbitMQ.start()
        let rig = try await LatencyRig.make(
            on: rabbit,
            journalPath: folder.journalPath,
            count: warmUpEvents + events,
            eventBytes: eventBytes
        )
        let load = Report.load()
        let samples = try await rig.samples(pause: .milliseconds(pause)).dropFirst(warmUpEvents)
        let result = LatencyResult(
            confirm: Latencies(samples.map(\.confirm)),
            arrival: Latencies(samples.map(\.arrival)),
            inbox: Latencies(samples.map(\.inbox)),
            admission: Latencies(samples.map(\.admission)),
            firstCall: Latencies(samples.map(\.firstCall)),
            firstChange: Latencies(samples.map(\.firstChange)),
            closed: Latencies(samples.map(\.closed)),
            events: events,
            pauseMilliseconds: pause
        )
        Report.line("event to first call of the target (inspect): \(result.firstCall)")
        Report.line("beside it the broker's confirm: \(result.confirm)")
        Report.line("of it from the publication to the worker: \(result.arrival)")
        Report.line("of it the inbox's commit on disk: \(result.inbox)")
        Report.line("of it from there to the call: \(result.admission)")
        Report.line("event to first change of the target (install): \(result.firstChange)")
        Report.line("event to closed rotation: \(result.closed)")
        let verdict = result.isMet ? "met" : "missed"
        Report.line("floor of the first call: p99 < \(LatencyResult.floor) ms: \(verdict)")
        Report.line("load \(load)")
        if json { try Report.json(result) }
    }
}

/// What the JSON line says; times in milliseconds.
struct LatencyResult: Encodable, Sendable {
    static let floor = 50.0

    let confirm: Latencies
    let arrival: Latencies
    let inbox: Latencies
    let admission: Latencies
    let firstCall: Latencies
    let firstChange: Latencies
    let closed: Latencies
    let events: Int
    let pauseMilliseconds: Int
    let floorOfFirstCallP99: Double
    let isMet: Bool

    init(
        confirm: Latencies,
        arrival: Latencies,
        inbox: Latencies,
        admission: Latencies,
        firstCall: Latencies,
        firstChange: Latencies,
        closed: Latencies,
        events: Int,
        pauseMilliseconds: Int
    ) {
        self.confirm = confirm
        self.arrival = arrival
        self.inbox = inbox
        self.admission = admission
        self.firstCall = firstCall
        self.firstChange = firstChange
        self.closed = closed
        self.events = events
        self.pauseMilliseconds = pauseMilliseconds
        floorOfFirstCallP99 = Self.floor
        isMet = firstCall.p99 < Self.floor
    }
}

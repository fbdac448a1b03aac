import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker

extension Worker {
    /// A real worker that logs nothing, and whose sweeper never comes: the load asks.
    static func measured(
        _ made: BenchEstate,
        journal: any Journal,
        broker: any Broker,
        turnsAtOnce: Int = 256,
        holder: String = "bench"
    ) -> Worker {
        Worker(
            journal: journal,
            broker: broker,
            adapters: made.adapters,
            estate: made.estate,
            settings: WorkerSettings(
                installation: InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11"),
                holder: holder,
                turnsAtOnce: turnsAtOnce,
                sweepSeconds: 3_600
            ),
            clock: SystemClock(),
            logger: Logger(label: "rekey-bench") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

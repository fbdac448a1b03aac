import AzureKeyVault
import CrashSupport
import EntraApplicationTarget
import Foundation
import Glibc
import Logging
import PostgresTarget
import RabbitMQBroker
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyPostgres
import RekeyWorker
import SQLiteJournal

/// A whole worker with a seam in front of every port, for tests.
///
/// It kills itself, as no program can prevent, at the point that `REKEY_CRASH` names. Its argument
/// is the file of its world.
@main struct CrashingWorker {
    static func main() async throws {
        guard let path = CommandLine.arguments.dropFirst().first,
            let data = FileManager.default.contents(atPath: path)
        else { throw StepFailure(.permanent, "name the file of a world") }
        let world = try JSONDecoder().decode(WorldFile.self, from: data)
        let wanted = ProcessInfo.processInfo.environment[WorldFile.variable]
        let point = wanted.flatMap { SeamPoint($0) }
        let trace = try Trace(world.trace)
        let seam = Seam(point.map { [SeamFault(.crash, at: $0)] } ?? []) {
            kill(getpid(), SIGKILL)
        } watch: { point in
            trace.add(point.name)
        }
        let parts = WorkerParts(world: world, seam: seam)
        try await parts.worker(on: parts.journal()).run()
    }
}

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
/// It kills itself, as no program can prevent, at the point that `REKEY_CRASH` names, or stands
/// still at that of `REKEY_STANDSTILL`. Its argument is the file of its world.
@main struct CrashingWorker {
    static func main() async throws {
        guard let path = CommandLine.arguments.dropFirst().first,
            let data = FileManager.default.contents(atPath: path)
        else { throw StepFailure(.permanent, "name the file of a world") }
        let world = try JSONDecoder().decode(WorldFile.self, from: data)
        let trace = try Trace(world.trace)
        let notes = try Trace(world.notes)
        let standstill = point(WorldFile.standstillVariable).map { Standstill(at: $0, notes) }
        let seam = Seam(
            point(WorldFile.variable).map { [SeamFault(.crash, at: $0)] } ?? [],
            standstill: standstill?.seamed
        ) {
            kill(getpid(), SIGKILL)
        } watch: { point in
            trace.add(point.name)
        }
        let parts = WorkerParts(world: world, seam: seam, notes: notes)
        let worker = try await parts.worker(on: parts.journal())
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            if let standstill { group.addTask { try await standstill.watch(worker, seam) } }
            try await worker.run()
        }
    }

    private static func point(_ variable: String) -> SeamPoint? {
        ProcessInfo.processInfo.environment[variable].flatMap { SeamPoint($0) }
    }
}

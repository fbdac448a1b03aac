import Logging
import RekeyConfiguration
import RekeyCore
import RekeyGateway
import RekeyPorts
import ServiceLifecycle

extension Assembly {
    static func workload(
        _ settings: WorkloadSettings,
        _ secrets: SecretResolver
    ) throws -> any Workload {
        throw Problem("workload \(settings.name): not built in", code: Problem.configuration)
    }

    static func hook(
        _ hook: HookSettings,
        _ settings: Settings,
        _ azure: AzureAccess?,
        _ secrets: SecretResolver
    ) throws -> any Hook {
        throw Problem("hook \(hook.name): not built in", code: Problem.configuration)
    }
}

import ServiceLifecycle

/// Does what answers have started: runs jobs, publishes events, opens new vaults.
struct EffectRunner: Service {
    let standIn: StandIn
    let jobs: JobRunner
    let events: EventPublisher
    let openVault: @Sendable (String) async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await effect in standIn.effects {
                    group.addTask { await perform(effect) }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            Task { await standIn.finishEffects() }
        }
    }

    private func perform(_ effect: Answer.Effect) async {
        switch effect {
        case .runJob(let name): await jobs.run(name)
        case .publish(let event, let name): await events.publish(event, to: name)
        case .startVault(let name): await openVault(name)
        }
    }
}

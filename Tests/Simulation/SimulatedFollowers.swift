import InMemoryHook
import RekeyCore
import RekeyPorts

/// An application that outlives the workers: it holds what it was last told to take up.
struct SimulatedWorkload: Workload {
    let world: SimulatedWorld
    let secret: SimulatedSecret
    let name: WorkloadName

    func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        try await call("refresh", isDeed: true) { () async throws(StepFailure) in
            // One that only seems to reload shows nothing of it either.
            guard world.settings.mistake != .believesWorkloads else { return }
            secret.change { state in
                // The same order again has no second effect.
                guard state.taken.insert(order.key).inserted else { return }
                state.held[name] = order.carriers
            }
        }
    }

    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        try await call("observe") { () async throws(StepFailure) in
            if world.settings.mistake == .believesWorkloads { return Evidence(.healthy) }
            return Evidence(secret.seen.held[name] == order.carriers ? .healthy : .none)
        }
    }

    func preflight() async throws(StepFailure) -> [Finding] { [] }

    private func call<Value: Sendable>(
        _ verb: String,
        isDeed: Bool = false,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        try await world.call(verb, on: "workload", about: secret, isDeed: isDeed, body)
    }
}

/// What tells hosts of a new value.
struct SimulatedHook: Hook {
    let world: SimulatedWorld

    var needsValue: Bool { world.hook.needsValue }

    func start(_ order: HookOrder) async throws(StepFailure) {
        try await call("start", order, isDeed: true) { () async throws(StepFailure) in
            try await world.hook.start(order)
        }
    }

    func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        try await call("follow", order) { () async throws(StepFailure) in
            try await world.hook.follow(order)
        }
    }

    func preflight() async throws(StepFailure) -> [Finding] { [] }

    private func call<Value: Sendable>(
        _ verb: String,
        _ order: HookOrder,
        isDeed: Bool = false,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        let secret = world.secret(order.credential)
        return try await world.call(verb, on: "hosts", about: secret, isDeed: isDeed, body)
    }
}

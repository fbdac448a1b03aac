package import RekeyCore
package import RekeyPorts

/// A workload behind a seam.
package struct SeamWorkload: Workload {
    package var needsValue: Bool { base.needsValue }
    private let base: any Workload
    private let seam: Seam

    package init(_ base: any Workload, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    package func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        try await seam.pass("workload.refresh", failing: \.self) { () async throws(StepFailure) in
            try await base.refresh(order)
        }
    }

    package func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        try await seam.pass("workload.observe", failing: \.self) { () async throws(StepFailure) in
            try await base.observe(order)
        }
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        try await base.preflight()
    }
}

/// A hook behind a seam.
package struct SeamHook: Hook {
    package var needsValue: Bool { base.needsValue }
    private let base: any Hook
    private let seam: Seam

    package init(_ base: any Hook, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    package func start(_ order: HookOrder) async throws(StepFailure) {
        try await seam.pass("hook.start", failing: \.self) { () async throws(StepFailure) in
            try await base.start(order)
        }
    }

    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        try await seam.pass("hook.follow", failing: \.self) { () async throws(StepFailure) in
            try await base.follow(order)
        }
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        try await base.preflight()
    }
}

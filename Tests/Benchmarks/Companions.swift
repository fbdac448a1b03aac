/// Parts that have to run while something is measured.
enum Companions {
    /// Runs `parts` for as long as `body` lasts; one that ends before is a failure.
    static func run<Result: Sendable>(
        _ parts: [@Sendable () async throws -> Void],
        during body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            for part in parts {
                group.addTask {
                    try await part()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            for try await result in group {
                guard let result else { throw BenchFailure("a part of the measurement ended") }
                return result
            }
            throw BenchFailure("nothing was measured")
        }
    }
}

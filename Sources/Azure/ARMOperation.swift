import RekeyCore
import RekeyPlatform

/// An operation that Azure goes on with after it answered (azure.md §5).
package struct ARMOperation: Equatable, Sendable {
    /// Where its status is read.
    package enum Status: Equatable, Sendable {
        /// `Azure-AsyncOperation`: a body with `status`.
        case link(String)
        /// `Location`: 202 while it runs.
        case location(String)
        /// Neither: the resource itself, by `properties.provisioningState`.
        case resource(id: String, version: String)
    }

    /// What it is called in failures.
    package let operation: String
    package let status: Status
    package let pollSeconds: Double

    /// Azure's default between two polls, where it names none.
    package static let defaultPollSeconds = 10.0
    /// A server that asks for less is not asked more often.
    package static let minimumPollSeconds = 1.0

    /// nil where `response` says that everything is done: a 200 or 204 without a status link.
    package init?(
        _ response: AzureResponse,
        _ operation: String,
        id: String,
        version: String
    ) {
        self.operation = operation
        pollSeconds = RetryAfter.seconds(response.headers) ?? Self.defaultPollSeconds
        if let link = response.headers["azure-asyncoperation"] {
            status = .link(link)
        } else if response.status == 202, let link = response.headers["location"] {
            status = .location(link)
        } else if response.status == 201 || response.status == 202 {
            status = .resource(id: id, version: version)
        } else {
            return nil
        }
    }
}

extension ARMClient {
    /// A status URL may answer 404 for a while after the start.
    private static let missingPollLimit = 6

    /// Polls until the operation has succeeded.
    ///
    /// Whatever keeps it from finding out (a failed read, the deadline) is `unknown`, since the
    /// operation was started; only its own `Failed` or `Canceled` is `permanent`.
    package func finish(
        _ operation: ARMOperation,
        within limit: Duration
    ) async throws(AzureFailure) {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var pollSeconds = operation.pollSeconds
        var missing = 0
        while true {
            let seconds = max(pollSeconds, ARMOperation.minimumPollSeconds)
            do { try await pause(.seconds(seconds)) } catch {
                throw failure(.unknown, operation.operation, "cancelled while it ran")
            }
            let progress: OperationProgress
            do throws(AzureFailure) {
                progress = try await self.progress(operation)
                missing = 0
            } catch {
                missing += error.status == 404 ? 1 : 0
                let isMissing = error.status == 404 && missing <= Self.missingPollLimit
                guard isMissing || error.kind == .transient else {
                    throw failure(.unknown, operation.operation, "polling: \(error.reason)")
                }
                progress = .running(error.retryAfterSeconds)
            }
            switch progress {
            case .done: return
            case .ended(let failure): throw failure
            case .running(let asked): pollSeconds = asked ?? operation.pollSeconds
            }
            guard clock.now < deadline else {
                throw failure(.unknown, operation.operation, "still running after \(limit)")
            }
        }
    }

    private func progress(
        _ operation: ARMOperation
    ) async throws(AzureFailure) -> OperationProgress {
        let response: AzureResponse
        switch operation.status {
        case .link(let link), .location(let link):
            response = try await follow(link, "\(operation.operation) status")
        case .resource(let id, let version):
            let name = "\(operation.operation) status"
            response = try await send(name, .get, id, version: version, effect: .reads)
        }
        let running = OperationProgress.running(RetryAfter.seconds(response.headers))
        if case .location = operation.status { return response.status == 202 ? running : .done }
        guard response.body.byteCount > 0 else { return response.status == 202 ? running : .done }
        let body = try response.decoded(as: OperationStatus.self)
        let status = body.status ?? body.properties?.provisioningState ?? "Succeeded"
        switch status.lowercased() {
        case "succeeded": return .done
        case "failed", "canceled", "cancelled":
            let failure = AzureFailure(
                .permanent,
                "ARM \(operation.operation)",
                code: AzureErrorBody.clean(status),
                innerCode: AzureErrorBody.clean(body.error?.code)
            )
            return .ended(failure)
        // Cosmos answers `Enqueued` and `Dequeued`: whatever is not an end is still running.
        default: return running
        }
    }
}

/// How far an operation is.
private enum OperationProgress {
    case done
    /// With the seconds that the server asks for before the next look.
    case running(Double?)
    case ended(AzureFailure)
}

/// What a status link or the resource itself answers.
private struct OperationStatus: Decodable {
    struct Properties: Decodable { let provisioningState: String? }
    struct Failure: Decodable { let code: String? }

    let status: String?
    let properties: Properties?
    let error: Failure?
}

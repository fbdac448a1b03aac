/// Until when a call may send what changes something.
///
/// A worker may stand still between its decision and its call: its machine was paused, or the call
/// waited for its turn, a token, a connection. By then another worker may have the rotation, and
/// have made the same call. So the worker opens a window around a call that changes something, for
/// as long as its claim certainly lasts, and whoever sends asks at the last moment.
package struct CallWindow: Sendable {
    /// That of the call which this task makes; nil where it makes none that changes something.
    @TaskLocal package static var current: CallWindow?

    private let isOver: @Sendable () -> Bool

    /// `isOver` is asked at each request, by the clock that claims go by.
    package init(until isOver: @escaping @Sendable () -> Bool) {
        self.isOver = isOver
    }

    /// Whether nothing may be sent any more that changes something.
    package static var isClosed: Bool { current?.isOver() ?? false }

    /// What a sender throws then, where `what` names it: nothing has changed.
    package static func failure(_ what: String) -> StepFailure {
        StepFailure(.transient, "\(what): \(reason)")
    }

    package static let reason = "not sent, since the time for this call was over"
}

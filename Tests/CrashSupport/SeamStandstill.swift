/// Where a process stands still for a while, and how.
package struct SeamStandstill: Sendable {
    package let point: SeamPoint
    /// Returns when the process goes on.
    package let stand: @Sendable () -> Void

    package init(at point: SeamPoint, stand: @escaping @Sendable () -> Void) {
        self.point = point
        self.stand = stand
    }
}

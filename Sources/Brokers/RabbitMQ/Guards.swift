/// The precautions of this adapter that a test can switch off, to see what they prevent.
///
/// The rows are the traps of deploy/rabbitmq/README.md.
struct Guards: Sendable, Equatable {
    /// Row 2: reads before it writes, so that a silent peer is noticed.
    var readsBeforePublishing = true
    /// Row 2: ends a connection that has been inside one C call for too long.
    var watchesCalls = true
    /// The least time for one C call, whatever the heartbeat.
    var shortestCallLimit = Duration.seconds(15)
    /// Row 3 and 4: the limit that queues are declared with, as a 64-bit integer.
    var deliveryLimit: AMQPTable.Value = .integer(TopologyDeclaration.deliveryLimit)
    /// Row 5: drops `x-death` and its kin from what is published again.
    var stripsDeathHeaders = true
    /// Row 6: tells the broker which notifications are understood.
    var sendsCapabilities = true
    /// Row 8: waits out an alarm instead of dropping the connection.
    var pausesTimeoutsWhileBlocked = true
    /// Row 9: refuses headers that would not fit one frame.
    var capsHeaders = true
    /// Row 10: room for librabbitmq's recursion over nested tables.
    var stackByteCount = LinkThread.stackByteCount
    /// Row 11: has the broker keep a dead letter until its parking queue has taken it.
    var deadLettersAtLeastOnce = true
    /// Asks the broker to return what it cannot route.
    var publishesMandatory = true
    /// Declares again what somebody deleted, when an event comes back for want of a queue.
    var repairsBindings = true
    /// Handles what was delivered too often alone.
    var quarantinesSuspects = true
    /// Ignores a tag that is not outstanding: a second acknowledgement closes the channel.
    var ignoresVoidTags = true
}

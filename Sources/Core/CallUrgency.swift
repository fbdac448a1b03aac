/// Whether the calls of this task go before those of others, where a host's limits make them wait.
///
/// A compromised credential must not stay alive behind thousands that are merely due.
package enum CallUrgency {
    @TaskLocal package static var isUrgent = false
}

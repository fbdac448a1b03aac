import Glibc

extension Duration {
    /// What C wants, cut to microseconds.
    var timeval: timeval {
        let (seconds, attoseconds) = components
        return Glibc.timeval(
            tv_sec: Int(seconds),
            tv_usec: Int(attoseconds / 1_000_000_000_000)
        )
    }
}

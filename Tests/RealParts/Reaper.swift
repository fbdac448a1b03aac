import Foundation

/// A process that outlives the test process by a moment, and ends what it left behind.
///
/// It holds one end of a socket whose other end only this process holds. End of file means then
/// that this process is gone, however it died: then every session still on the list is ended and
/// every directory on it removed. PR_SET_PDEATHSIG would not do: it fires when the *thread* that
/// spawned goes, is lost on a change of user, and does not reach grandchildren (prctl(2)).
final class Reaper: Sendable {
    /// Started with the first child or directory, and shared by the whole process.
    static let shared = Result { try Reaper() }

    /// In the environment of every child, so that those which leave their session are found too.
    static let mark = EnvironmentMark("REKEY_TEST_RUN")

    /// What a directory's name must hold before the reaper removes it.
    static let directoryMark = "rekey-test-"

    let lifeline: Descriptor

    private init() throws {
        let (ours, theirs) = try Descriptor.pair()
        let nowhere = try Descriptor(opening: "/dev/null", writing: true)
        let spawn = Spawn(
            arguments: ["/bin/sh", "-c", Self.script, "rekey-reaper", Self.mark.text],
            environment: ["PATH": "/usr/bin:/bin"],
            descriptors: [(0, theirs.number), (1, nowhere.number), (2, nowhere.number)]
        )
        _ = try spawn.start()
        lifeline = ours
    }

    /// Takes a session off the list: its leader was waited for, so its number may be used again.
    func sessionEnded(_ leader: Int32) { tell("ended \(leader)") }

    /// Removes the directory, which must be one of ours, when this process is gone.
    func removeAtEnd(_ directory: String) { tell("directory \(directory)") }

    private func tell(_ line: String) {
        // A reaper that somebody killed costs the clean-up only, so the test goes on.
        try? lifeline.send(Array((line + "\n").utf8))
    }

    /// `session PID SIGNAL` is written by the child itself before it becomes the program, so there
    /// is no moment at which a child runs that the list does not hold.
    private static let script = #"""
        cd /
        mark=$1
        shift
        sessions=' '
        while IFS=' ' read -r verb subject signal; do
            case $verb in
                session) sessions="$sessions$subject:$signal " ;;
                ended)
                    kept=' '
                    for entry in $sessions; do
                        [ "${entry%%:*}" = "$subject" ] || kept="$kept$entry "
                    done
                    sessions=$kept ;;
                directory)
                    case $subject in */rekey-test-*) set -- "$@" "$subject" ;; esac ;;
            esac
        done
        members() {
            for file in /proc/[0-9]*/stat; do
                { read -r line < "$file"; } 2>/dev/null || continue
                pid=${file#/proc/}
                fields=${line##*) }
                state=${fields%% *}
                rest=${fields#* * * }
                session=${rest%% *}
                [ "$state" = Z ] && continue
                case $sessions in *" $session:"*) echo "${pid%/stat}" ;; esac
            done
            for file in $(grep -lasF "$mark" /proc/[0-9]*/environ); do
                pid=${file#/proc/}
                echo "${pid%/environ}"
            done
        }
        for entry in $sessions; do
            case $entry in
                *:KILL) kill -KILL -"${entry%%:*}" ;;
                *) kill -"${entry#*:}" "${entry%%:*}" ;;
            esac
        done
        tries=0
        while [ "$tries" -lt 20 ] && [ -n "$(members)" ]; do sleep 0.1; tries=$((tries + 1)); done
        tries=0
        while [ "$tries" -lt 50 ]; do
            left=$(members)
            [ -n "$left" ] || break
            kill -KILL $left
            sleep 0.1
            tries=$((tries + 1))
        done
        [ "$#" -eq 0 ] || rm -rf -- "$@"
        """#
}

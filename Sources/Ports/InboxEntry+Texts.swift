import RekeyCore

extension InboxEntry {
    /// Throws `unwritable` where a text holds a null character.
    ///
    /// PostgreSQL takes none, and what SQLite keeps would end there, and be another name.
    package func checkTexts() throws(JournalFailure) {
        let texts = [
            ("lane", id.lane), ("id", id.event.text), ("type", type.name),
            ("rotation", rotation?.text), ("user", userID), ("replayer", replayedBy),
        ]
        for (name, text) in texts where text?.utf8.contains(0) == true {
            throw .unwritable("the \(name) of an event holds a null character")
        }
    }
}

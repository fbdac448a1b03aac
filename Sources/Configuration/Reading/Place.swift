import Yams

/// A place in the file.
struct Place {
    let line: Int
    let column: Int
    /// Such as `.secrets[2].policy`.
    let path: String

    init(_ mark: Mark?, path: String) {
        line = mark?.line ?? 1
        column = mark?.column ?? 1
        self.path = path
    }
}

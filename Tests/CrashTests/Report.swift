import Foundation

/// Says what a sweep did, where whoever runs the tests sees it.
enum Report {
    static func write(_ line: some CustomStringConvertible) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}

import Foundation

/// Runs one target on its seeds and on what mutation makes of them.
struct Campaign {
    /// How it ended.
    struct Result {
        var inputs = 0
        var broken: (input: [UInt8], promise: String)?
    }

    let target: FuzzTarget
    let corpus: String
    let seed: UInt64
    let watch: Watch

    /// Tries every seed, and then `count` others, or as many as the time allows.
    func run(_ count: Int, until deadline: Date = .distantFuture) async throws -> Result {
        let seeds = try Self.seeds(of: target.name, in: corpus)
        let mutation = Mutation(
            seeds: seeds,
            words: (target.words + [Canary.text]).map { Array($0.utf8) },
            byteLimit: target.byteLimit
        )
        var random = SeededRandom(seed: seed)
        var result = Result()
        while result.inputs < seeds.count + count, Date() < deadline {
            let isSeed = result.inputs < seeds.count
            let input = isSeed ? seeds[result.inputs] : mutation.next(&random)
            result.inputs += 1
            try watch.begin(input)
            do {
                try await target.check(input)
            } catch {
                result.broken = (input, "\(error)")
            }
            watch.end()
            if result.broken != nil { return result }
        }
        return result
    }

    /// The files of the target's folder, in the order of their names.
    static func seeds(of target: String, in corpus: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: corpus).appendingPathComponent(target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { !$0.hasPrefix(".") }.sorted().map {
            [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
        }
    }
}

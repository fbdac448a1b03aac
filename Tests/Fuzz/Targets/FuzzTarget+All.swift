extension FuzzTarget {
    /// Every parser that takes outside bytes, each under the name of its folder in the corpus.
    ///
    /// The parsers are no module's promise, so they are reached by `@testable`, which a release
    /// build has not: it has no target.
    static let all: [FuzzTarget] = {
        #if DEBUG
        [
            outsideEvents, structuredEvents, siteAnswers, amqpProperties, configuration, addresses,
            environmentFile, times, windows, journalRecords, roleMarker, tokenAnswers, azureErrors,
            challenge, vaultAnswers, graphAnswers, links, responseHeaders, entraTokens, cms,
        ] + documents
        #else
        []
        #endif
    }()

    #if !DEBUG
    static let planted: [FuzzTarget] = []
    #endif
}

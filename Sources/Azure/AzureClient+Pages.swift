import RekeyCore

/// Reading lists that come in pages.
extension AzureClient {
    /// More pages than this are refused: a list that long is a server's loop.
    package static let pageLimit = 1000

    /// The elements of every page, in the order in which they came; pages are read, never written.
    ///
    /// The next page's link is followed only on this client's own host.
    package func list<Element: Decodable & Sendable>(
        _ request: AzureRequest,
        for resource: String,
        of type: Element.Type
    ) async throws(AzureFailure) -> [Element] {
        var elements: [Element] = []
        var request = request
        for _ in 0..<Self.pageLimit {
            let page = try await send(request, for: resource).decoded(as: Page<Element>.self)
            elements += page.value ?? []
            guard let next = page.nextLink ?? page.graphNextLink, !next.isEmpty else {
                return elements
            }
            request.path = try path(ofLink: next, request.operation)
        }
        throw failure(.permanent, request.operation, "more than \(Self.pageLimit) pages")
    }
}

/// One page, as Key Vault, ARM and Graph write it.
private struct Page<Element: Decodable>: Decodable {
    let value: [Element]?
    let nextLink: String?
    let graphNextLink: String?

    private enum CodingKeys: String, CodingKey {
        case value, nextLink
        case graphNextLink = "@odata.nextLink"
    }
}

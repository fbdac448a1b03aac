import RekeyPlatform

extension HTTPClient {
    /// How `request` fails, or `nil` where it does not.
    func failure(of request: HTTPRequest) async -> HTTPFailure? {
        do throws(HTTPFailure) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }
}

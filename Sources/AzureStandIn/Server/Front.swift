import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Takes requests off the wire for one API, and answers, delays or drops them.
struct Front: HTTPResponder {
    /// A body may hold a secret of 25 KB, or a job's parameters.
    static let bodyByteLimit = 1 << 20

    let api: API
    let standIn: StandIn
    let control: ControlAPI

    func respond(to request: Request, context: FrontContext) async throws -> Response {
        let call = try await call(of: request)
        if api == .control { return response(await control.answer(call)) }
        var outcome = try await standIn.respond(to: call)
        if case .later(let seconds) = outcome {
            try await Task.sleep(for: .seconds(seconds))
            outcome = try await standIn.respond(to: call, ignoringFaults: true)
        }
        switch outcome {
        case .answer(let answer): return response(answer)
        case .close(let seconds), .later(let seconds):
            try await Task.sleep(for: .seconds(seconds))
            // The connection is closed without an answer; what follows is never written.
            try? await context.channel.close()
            throw CancellationError()
        }
    }

    private func call(of request: Request) async throws -> Call {
        var request = request
        let body = try await request.collectBody(upTo: Front.bodyByteLimit)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        return Call(
            api: api,
            method: request.method.rawValue,
            target: request.head.path ?? "/",
            headers: headers,
            body: Array(body.readableBytesView),
            authority: request.head.authority ?? "localhost"
        )
    }

    private func response(_ answer: Answer) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: HTTPTypes.HTTPResponse.Status(code: answer.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}

/// Keeps the channel, so that a fault can close it.
struct FrontContext: InitializableFromSource, RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

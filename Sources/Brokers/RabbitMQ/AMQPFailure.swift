import CRabbitMQ
import RekeyCore

/// Why a call to librabbitmq failed: the call's name, a code, and where.
struct AMQPFailure: Error, Equatable, Sendable, CustomStringConvertible {
    enum Cause: Equatable, Sendable {
        /// A negative status of the library.
        case librabbitmq(Int32)
        /// The broker closed the channel or the connection, with a reply code.
        case reply(UInt16)
        /// The broker is as it should not be, or the settings are; told in a sentence.
        case refusal(String)
        /// Something that another attempt may mend; told in a sentence.
        case trouble(String)
    }

    let call: String
    let cause: Cause
    /// Names only: `user rekey vhost /rekey host:port`, or a queue's.
    var place: String
    /// What a redeclaration differs in, or which exchange was missing, as the broker named it.
    var subject: String?

    init(_ call: String, _ cause: Cause, at place: String = "", subject: String? = nil) {
        self.call = call
        self.cause = cause
        self.place = place
        self.subject = subject
    }

    var description: String {
        let what =
            switch cause {
            case .librabbitmq(let status): "\(status) \(Self.text(status))"
            case .reply(let code): "\(code) \(ReplyCode.name(code))"
            case .refusal(let sentence), .trouble(let sentence): sentence
            }
        return [call + ":", what, place].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The same settings would be refused again, until somebody changes them or the broker.
    var isRefusal: Bool {
        switch cause {
        case .reply(ReplyCode.accessRefused), .reply(ReplyCode.resourceLocked): true
        case .reply(ReplyCode.notAllowed): true
        case .reply, .trouble: false
        case .refusal: true
        case .librabbitmq(let status): Self.certificateRefusals.contains(status)
        }
    }

    private static let certificateRefusals: Set<Int32> = [
        AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue,
        AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue,
    ]

    /// The library's own fixed text for a status.
    private static func text(_ status: Int32) -> String {
        guard let text = unsafe amqp_error_string2(status) else { return "unknown status" }
        return unsafe String(cString: text)
    }
}

extension StepFailure {
    init(_ failure: AMQPFailure) {
        self.init(failure.isRefusal ? .permanent : .transient, failure.description)
    }
}

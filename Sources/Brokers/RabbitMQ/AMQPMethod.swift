/// A method by class and number, as AMQP 0-9-1 numbers them.
///
/// librabbitmq's own constants are casts in macros, which Swift does not import.
enum AMQPMethod: UInt32 {
    case connectionClose = 0x000A_0032
    case connectionCloseOK = 0x000A_0033
    case connectionBlocked = 0x000A_003C
    case connectionUnblocked = 0x000A_003D
    case channelClose = 0x0014_0028
    case channelCloseOK = 0x0014_0029
    case basicCancel = 0x003C_001E
    case basicReturn = 0x003C_0032
    case basicDeliver = 0x003C_003C
    case basicGetOK = 0x003C_0047
    case basicGetEmpty = 0x003C_0048
    case basicAck = 0x003C_0050
    case basicNack = 0x003C_0078
}

/// The names of the reply codes of AMQP 0-9-1 §1.1, as RabbitMQ writes them.
enum ReplyCode {
    static let accessRefused: UInt16 = 403
    static let notFound: UInt16 = 404
    static let resourceLocked: UInt16 = 405
    static let preconditionFailed: UInt16 = 406
    static let notAllowed: UInt16 = 530

    static func name(_ code: UInt16) -> String {
        switch code {
        case 311: "CONTENT_TOO_LARGE"
        case 312: "NO_ROUTE"
        case 313: "NO_CONSUMERS"
        case 320: "CONNECTION_FORCED"
        case 402: "INVALID_PATH"
        case accessRefused: "ACCESS_REFUSED"
        case notFound: "NOT_FOUND"
        case resourceLocked: "RESOURCE_LOCKED"
        case preconditionFailed: "PRECONDITION_FAILED"
        case 501: "FRAME_ERROR"
        case 502: "SYNTAX_ERROR"
        case 503: "COMMAND_INVALID"
        case 504: "CHANNEL_ERROR"
        case 505: "UNEXPECTED_FRAME"
        case 506: "RESOURCE_ERROR"
        case notAllowed: "NOT_ALLOWED"
        case 540: "NOT_IMPLEMENTED"
        case 541: "INTERNAL_ERROR"
        default: "UNKNOWN_CODE"
        }
    }
}

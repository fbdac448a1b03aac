import Foundation

/// An Automation account: runbooks, hybrid worker groups and jobs.
struct AutomationAccount: Sendable {
    var name: String
    /// By name in lower case.
    var runbooks: [String: RunbookRecord] = [:]
    var workerGroups: [WorkerGroupRecord] = []
    /// By the name that the client chose.
    var jobs: [String: JobRecord] = [:]
}

/// A runbook and the script that stands for it.
struct RunbookRecord: Sendable {
    let name: String
    /// Published, New or Edit; only a published one runs.
    var state = "Published"
    var type = "PowerShell"
    var parameters: [String: ParameterRecord] = [:]
    /// The program that a job runs.
    var script: String
    var created: Date
}

/// A parameter that a runbook declares.
struct ParameterRecord: Sendable {
    var type = "System.String"
    var isMandatory = false
    var position = 0
    var defaultValue: String?
}

/// A hybrid worker group; a job waits for one of its workers to be alive.
struct WorkerGroupRecord: Sendable {
    let name: String
    var workers: [WorkerRecord] = []
    let created: Date
}

/// A hybrid worker and when it last reported.
struct WorkerRecord: Sendable {
    let name: String
    let id: String
    var lastSeen: Date
}

/// A job: one run of a runbook under a name that the client chose.
struct JobRecord: Sendable {
    enum Status: String, Sendable {
        case new = "New"
        case activating = "Activating"
        case running = "Running"
        case completed = "Completed"
        case failed = "Failed"
        case suspended = "Suspended"
        case stopped = "Stopped"

        var isFinal: Bool {
            switch self {
            case .completed, .failed, .stopped: true
            case .new, .activating, .running, .suspended: false
            }
        }
    }

    let name: String
    /// Made by the server, and not the name.
    let jobID: String
    let runbook: String
    /// As sent; Azure shows them to whoever reads the job.
    let parameters: [String: JSON]
    let runOn: String?
    let startedBy: String
    let created: Date
    var status = Status.new
    var started: Date?
    var ended: Date?
    var modified: Date
    var exception: String?
    var output = ""
    var streams: [StreamRecord] = []
    var exitCode: Int?
    /// How many requests asked for this name.
    var submissions = 1

    /// A parameter as the runbook receives it: JSON texts of strings arrive decoded.
    var decodedParameters: [String: JSON] {
        parameters.mapValues { value in
            guard let text = value.string, text.hasPrefix("\""),
                let decoded = JSON(parsing: text.utf8), decoded.string != nil
            else { return value }
            return decoded
        }
    }

    var parameterDigests: JSON {
        .object(
            decodedParameters.mapValues { value in
                .string(
                    SecretDigest.hex(
                        value.string ?? String(decoding: value.bytes, as: UTF8.self)
                    )
                )
            }
        )
    }
}

/// One record of a job's output or error stream.
struct StreamRecord: Sendable {
    let id: String
    let type: String
    let text: String
    let time: Date
}

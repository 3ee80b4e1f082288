/// A request to the collector.
public struct TransportRequest: Sendable, Equatable {
    /// The path, for example `/v1/batches`.
    public var path: String
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// A `POST` request.
    public init(path: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// Whether path, headers and body are the same.
    public static func == (left: TransportRequest, right: TransportRequest) -> Bool {
        left.path == right.path && left.body == right.body
            && left.headers.elementsEqual(right.headers, by: ==)
    }
}

/// The collector's answer.
public struct TransportAnswer: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// `Retry-After` in seconds, when there is one.
    public var retryAfterSeconds: Int?
    /// The body, at most ``AgentLimits/answerSizeMaximum``.
    public var body: [UInt8]

    /// An answer from its parts.
    public init(status: Int, retryAfterSeconds: Int? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfterSeconds = retryAfterSeconds
        self.body = body
    }
}

/// Carries requests to the collector; handed in so that tests can answer.
public protocol Transport: Sendable {
    /// Posts a request; throws when no answer came by the deadline.
    func post(_ request: TransportRequest, timeoutMilliseconds: Int) async throws
        -> TransportAnswer
}

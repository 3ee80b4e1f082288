import Foundation

/// What the network manager set for this workstation.
///
/// One JSON object in a file; a path that does not start with `/` counts from the file's folder, and a
/// setting that is not in this list is an error, so that a slip of the pen is found at once:
///
///     collector            address: https://HOST[:PORT], or http:// on a loopback address
///     keyFile              where the device key is kept, made at the enrolment
///     spool                folder of the spool
///     notice               file with the monitoring notice, plain text (required: P1)
///     noticeVersion        the notice's version, recorded when it is shown
///     school               name of the school, shown above the notice
///     device               optional: the name asked for at the enrolment; the host's name
///     enrolmentCode        optional: one-time code; the agent enrols itself when it has no key
///     certificateAuthority optional: PEM file; only certificates from it are trusted (S3)
///     host, user           optional: what to say about where and who; as the system says
///     sources              optional: ["desktop", "process"]
///     display              optional: the X display; as DISPLAY says
///     noticeSeconds        optional: close the notice after so many seconds; 0 waits for a person
///     secretWindows        optional: more patterns of windows whose keys are withheld
///     batchEvents, batchSeconds, spoolMaximumMiB, retryBaseMilliseconds,
///     retryMaximumMilliseconds    optional numbers; see `Limits.swift` for what they are otherwise
public struct AgentConfiguration: Sendable, Equatable {
    /// The collector's address.
    public var collector: CollectorAddress
    /// The key file's path.
    public var keyFile: String
    /// The spool's folder.
    public var spool: String
    /// The notice file's path.
    public var noticeFile: String
    /// The notice's version.
    public var noticeVersion: String
    /// The school's name.
    public var school: String
    /// The name asked for at the enrolment.
    public var device: String
    /// The one-time code for the enrolment.
    public var enrolmentCode: String?
    /// Path of the PEM file of the only authority to be trusted.
    public var certificateAuthority: String?
    /// The computer's name.
    public var host: String
    /// The account's name.
    public var user: String
    /// Which sources run.
    public var sources: Set<SourceName>
    /// The X display.
    public var display: String?
    /// When the notice closes by itself, in seconds; 0 for never.
    public var noticeSeconds: Int
    /// More patterns of secret windows.
    public var secretWindows: [String]
    /// The cut of batches in events.
    public var batchEvents: Int
    /// The cut of batches in seconds.
    public var batchSeconds: Int
    /// The bound of the spool in bytes.
    public var spoolSizeMaximum: Int
    /// The bounds of waits before a retry.
    public var backoff: Backoff

    /// A source that can be switched off.
    public enum SourceName: String, Sendable, CaseIterable {
        /// Keys, clicks and windows of the X display.
        case desktop
        /// Programs started and ended.
        case process
    }

    /// What the system says where the file is silent.
    public struct Surroundings: Sendable {
        /// The computer's name.
        public var host: String
        /// The account's name.
        public var user: String
        /// The X display of the environment.
        public var display: String?

        /// Surroundings from their parts.
        public init(host: String, user: String, display: String?) {
            self.host = host
            self.user = user
            self.display = display
        }
    }

    /// Reads a configuration.
    ///
    /// - Parameter file: the file's path: for messages, and for what relative paths count from.
    public init(parsing bytes: [UInt8], file: String, in surroundings: Surroundings)
        throws(AgentError)
    {
        var settings = try Settings(parsing: bytes, file: file)
        let address = try settings.text("collector")
        do throws(AddressFault) {
            collector = try CollectorAddress(address)
        } catch {
            throw settings.fault("collector: \(error.why)")
        }
        keyFile = try settings.path("keyFile")
        spool = try settings.path("spool")
        noticeFile = try settings.path("notice")
        noticeVersion = try settings.text("noticeVersion")
        school = try settings.text("school")
        host = try settings.optionalText("host") ?? surroundings.host
        user = try settings.optionalText("user") ?? surroundings.user
        device = try settings.optionalText("device") ?? host
        enrolmentCode = try settings.optionalText("enrolmentCode")
        certificateAuthority = try settings.optionalPath("certificateAuthority")
        display = try settings.optionalText("display") ?? surroundings.display
        secretWindows = try settings.texts("secretWindows") ?? []
        let names = try settings.texts("sources") ?? SourceName.allCases.map(\.rawValue)
        sources = []
        for name in names {
            guard let source = SourceName(rawValue: name) else {
                throw settings.fault("sources: there is no source \(name), use desktop or process")
            }
            sources.insert(source)
        }
        noticeSeconds = try settings.number("noticeSeconds", in: 0...86_400) ?? 0
        batchEvents =
            try settings.number("batchEvents", in: 1...1_024) ?? AgentLimits.batchEvents
        batchSeconds =
            try settings.number("batchSeconds", in: 1...3_600) ?? AgentLimits.batchSeconds
        let mebibytes = try settings.number("spoolMaximumMiB", in: 1...65_536)
        spoolSizeMaximum = mebibytes.map { $0 << 20 } ?? AgentLimits.spoolSizeMaximum
        backoff = Backoff(
            baseMilliseconds: try settings.number("retryBaseMilliseconds", in: 1...60_000)
                ?? AgentLimits.retryBaseMilliseconds,
            maximumMilliseconds: try settings.number("retryMaximumMilliseconds", in: 1...3_600_000)
                ?? AgentLimits.retryMaximumMilliseconds)
        try settings.refuseUnknown()
    }
}

/// Takes settings out of a JSON object one by one, and complains about what is left.
private struct Settings {
    private var values: [String: Any]
    private let file: String
    private var known: [String] = []

    init(parsing bytes: [UInt8], file: String) throws(AgentError) {
        self.file = file
        let json: Any
        do {
            json = try JSONSerialization.jsonObject(with: Data(bytes))
        } catch {
            throw .configuration(file: file, why: "not valid JSON")
        }
        guard let values = json as? [String: Any] else {
            throw .configuration(file: file, why: "must be one JSON object")
        }
        self.values = values
    }

    func fault(_ why: String) -> AgentError { .configuration(file: file, why: why) }

    mutating func text(_ name: String) throws(AgentError) -> String {
        guard let text = try optionalText(name) else { throw fault("\(name) is missing") }
        return text
    }

    mutating func optionalText(_ name: String) throws(AgentError) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value as? String, !text.isEmpty else {
            throw fault("\(name) must be a text that is not empty")
        }
        // Names end up in lines of statements and statements of the log.
        guard text.utf8.count <= 4_096, !text.unicodeScalars.contains(where: { $0.value < 32 })
        else { throw fault("\(name) is too long or has control characters") }
        return text
    }

    mutating func path(_ name: String) throws(AgentError) -> String {
        guard let path = try optionalPath(name) else { throw fault("\(name) is missing") }
        return path
    }

    mutating func optionalPath(_ name: String) throws(AgentError) -> String? {
        guard let path = try optionalText(name) else { return nil }
        guard !path.hasPrefix("/") else { return path }
        guard let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    mutating func texts(_ name: String) throws(AgentError) -> [String]? {
        guard let value = take(name) else { return nil }
        guard let texts = value as? [String], !texts.contains("") else {
            throw fault("\(name) must be a list of texts")
        }
        return texts
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(AgentError) -> Int? {
        guard let value = take(name) else { return nil }
        guard let number = value as? NSNumber, let whole = Int(exactly: number.doubleValue),
            !(value is Bool), range.contains(whole)
        else {
            throw fault(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    func refuseUnknown() throws(AgentError) {
        guard let name = values.keys.sorted().first else { return }
        throw fault("there is no setting \(name), the settings are \(known.sorted())")
    }

    private mutating func take(_ name: String) -> Any? {
        known.append(name)
        return values.removeValue(forKey: name)
    }
}

/// The collector's address, over TLS unless it is this very machine (S7).
public struct CollectorAddress: Sendable, Equatable {
    /// `https://host:port`, without a path.
    public let base: String
    /// Whether the connection is encrypted.
    public let isSecure: Bool

    /// Reads an address; plain HTTP is for loopback only.
    public init(_ text: String) throws(AddressFault) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty
        else { throw AddressFault(why: "not an address, write https://HOST:PORT") }
        guard scheme == "https" || scheme == "http" else {
            throw AddressFault(why: "must start with https://")
        }
        guard parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil, parts.path.isEmpty || parts.path == "/"
        else { throw AddressFault(why: "must be host and port only") }
        isSecure = scheme == "https"
        guard isSecure || CollectorAddress.isLoopback(host) else {
            throw AddressFault(
                why: "http:// is for this computer only, use https:// for \(host)")
        }
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        base = scheme + "://" + name + (parts.port.map { ":\($0)" } ?? "")
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { UInt8($0).map { String($0) } == String($0) }
    }
}

/// Why an address is not taken.
public struct AddressFault: Error, Equatable, Sendable {
    /// What to write instead.
    public let why: String
}

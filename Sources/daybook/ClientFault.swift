/// Why the collector's answer is not what was asked for.
enum ClientFault: Error {
    case noToken
    case badURL(String)
    case plainBeyondLoopback(String)
    case badCertificateFile(String)
    case unreachable(url: String, why: String)
    case problem(status: Int, detail: String)
    case notUnderstood(String)
    case badTime(String)
    case badArchive(String)
    case cannotWrite(path: String, why: String)

    /// One sentence: what is wrong and what to do.
    var message: String {
        switch self {
        case .noToken: "no token, set DAYBOOK_TOKEN to your operator token"
        case .badURL(let text): "\(text) is not an http or https URL"
        case .plainBeyondLoopback(let url):
            "\(url) would send your token in the clear, use https"
        case .badCertificateFile(let path): "cannot read certificates from \(path)"
        case .unreachable(let url, let why): "no answer from \(url): \(why)"
        case .problem(let status, let detail): "the collector says \(status): \(detail)"
        case .notUnderstood(let what): "the collector's answer is not understood: \(what)"
        case .badTime(let text):
            "\(text) is not a time, use 2026-11-24T09:00:00Z or 2026-11-24"
        case .badArchive(let why): "the bundle that came is damaged: \(why)"
        case .cannotWrite(let path, let why): "cannot write \(path): \(why)"
        }
    }
}

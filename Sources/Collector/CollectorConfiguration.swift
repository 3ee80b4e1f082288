/// What `serve` was asked for.
public struct CollectorConfiguration: Sendable {
    /// Where to listen: a host or address and a port, 0 for any free one.
    public struct Address: Sendable, Hashable, CustomStringConvertible {
        /// The host or address.
        public var host: String
        /// The port.
        public var port: Int

        /// An address from its parts.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil for anything else.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"),
                let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
            else { return nil }
            var host = String(text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = String(host.dropFirst().dropLast())
            } else if host.contains(":") {
                return nil
            }
            guard !host.isEmpty else { return nil }
            self.init(host: host, port: port)
        }

        /// Whether nobody but this computer can reach it.
        public var isLoopback: Bool {
            host == "localhost" || host == "::1" || isLoopbackIPv4
        }

        private var isLoopbackIPv4: Bool {
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        }

        /// `HOST:PORT`.
        public var description: String {
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// The files of the TLS key pair.
    public struct KeyPair: Sendable, Hashable {
        /// PEM file of the certificate and those between it and the root.
        public var certificateFile: String
        /// PEM file of the private key.
        public var keyFile: String

        /// A key pair in two files.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Where to listen.
    public let address: Address
    /// TLS; nil for plain HTTP, on loopback only.
    public let keyPair: KeyPair?
    /// Whether batches are left for a later start to look at: only for measuring what taking them in costs.
    public var leavesDetection = false

    /// Why a configuration cannot be used.
    public enum Fault: Error, Hashable, Sendable {
        /// Plain HTTP where others could listen in (S7).
        case plainBeyondLoopback(Address)
        /// The certificate or key cannot be read or do not fit.
        case unusableKeyPair(String)

        /// One sentence: what is wrong and what to do.
        public var message: String {
            switch self {
            case .plainBeyondLoopback(let address):
                """
                plain HTTP is for loopback only and \(address) is not: give --certificate and \
                --key, or listen on 127.0.0.1
                """
            case .unusableKeyPair(let why): "cannot use the certificate and key: \(why)"
            }
        }
    }

    /// A configuration that may be served: TLS, or an address that nobody else can reach.
    public init(address: Address, keyPair: KeyPair?) throws(Fault) {
        guard keyPair != nil || address.isLoopback else { throw .plainBeyondLoopback(address) }
        self.address = address
        self.keyPair = keyPair
    }
}

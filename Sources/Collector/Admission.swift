import Events
import Synchronization

/// Decides before a body is read whether there is room for it.
///
/// Everything that is waiting is counted here, in requests and in bytes, so that memory has a bound
/// whatever comes (R4, R9). Refusals say when to come back, spread over some seconds.
public final class Admission: Sendable {
    /// How much may be under way at one time.
    public struct Bounds: Sendable {
        /// Most requests.
        public var requests: Int
        /// Most bytes of bodies.
        public var bytes: Int
        /// Most requests of one device.
        public var requestsPerDevice: Int

        /// Bounds from their parts.
        public init(requests: Int, bytes: Int, requestsPerDevice: Int) {
            self.requests = requests
            self.bytes = bytes
            self.requestsPerDevice = requestsPerDevice
        }

        /// The bounds of `Limits.swift`.
        public static var usual: Bounds {
            Bounds(
                requests: CollectorLimits.requestsInFlightMaximum,
                bytes: CollectorLimits.bytesInFlightMaximum,
                requestsPerDevice: CollectorLimits.requestsPerDeviceMaximum)
        }
    }

    /// Room that was given and has to be given back.
    struct Ticket: Sendable {
        let bytes: Int
        let device: DeviceName?
    }

    private struct State {
        var requests = 0
        var bytes = 0
        var ofDevice: [DeviceName: Int] = [:]
        var refusals = 0
    }

    let bounds: Bounds
    /// Written by every request, on whatever thread it runs.
    private let state = Mutex(State())

    /// Admission within some bounds.
    public init(bounds: Bounds = .usual) { self.bounds = bounds }

    /// Gives room for a body of so many bytes, or says when to come back.
    func admit(bytes: Int, device: DeviceName? = nil) throws(CollectorError) -> Ticket {
        let refusal: CollectorError? = state.withLock { state in
            if state.requests >= bounds.requests || state.bytes + bytes > bounds.bytes {
                return .busy(retryAfterSeconds: Admission.nextRetry(&state))
            }
            if let device {
                let underWay = state.ofDevice[device, default: 0]
                guard underWay < bounds.requestsPerDevice else {
                    return .tooManyOfOneDevice(
                        limit: bounds.requestsPerDevice,
                        retryAfterSeconds: Admission.nextRetry(&state))
                }
                state.ofDevice[device] = underWay + 1
            }
            state.requests += 1
            state.bytes += bytes
            return nil
        }
        if let refusal { throw refusal }
        return Ticket(bytes: bytes, device: device)
    }

    /// Takes room back.
    func release(_ ticket: Ticket) {
        state.withLock { state in
            state.requests -= 1
            state.bytes -= ticket.bytes
            guard let device = ticket.device, let underWay = state.ofDevice[device] else { return }
            state.ofDevice[device] = underWay > 1 ? underWay - 1 : nil
        }
    }

    /// Requests and bytes under way, for the metrics.
    var load: (requests: Int, bytes: Int) { state.withLock { ($0.requests, $0.bytes) } }

    private static func nextRetry(_ state: inout State) -> Int {
        state.refusals += 1
        return CollectorLimits.retryAfterMinimumSeconds
            + state.refusals % CollectorLimits.retryAfterSpreadSeconds
    }
}

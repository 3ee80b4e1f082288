import Foundation

/// One result: a JSON object on one line, members in the order in which they were added.
struct ResultLine {
    private var members: [String] = []

    init(_ bench: String) { add("bench", bench) }

    private init() {}

    mutating func add(_ name: String, _ value: Int) { members.append("\"\(name)\":\(value)") }

    mutating func add(_ name: String, _ value: UInt64) { members.append("\"\(name)\":\(value)") }

    /// A number with `digits` after the point.
    mutating func add(_ name: String, _ value: Double, digits: Int = 3) {
        let text = value.isFinite ? String(format: "%.\(digits)f", value) : "null"
        members.append("\"\(name)\":\(text)")
    }

    mutating func add(_ name: String, _ value: String) {
        // Only words of our own come here, never text from events.
        members.append("\"\(name)\":\"\(value)\"")
    }

    mutating func add(_ name: String, _ values: [(String, Int)]) {
        var inner = ResultLine()
        for (name, value) in values { inner.add(name, value) }
        members.append("\"\(name)\":\(inner.text)")
    }

    /// The middle, the slow and the slowest of some durations.
    mutating func add(_ name: String, percentilesOf values: [Double]) {
        let sorted = values.sorted()
        var inner = ResultLine()
        for (label, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1)] {
            let index = max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)
            inner.add(label, sorted.isEmpty ? .nan : sorted[min(index, sorted.count - 1)])
        }
        members.append("\"\(name)\":\(inner.text)")
    }

    var text: String { "{" + members.joined(separator: ",") + "}" }

    func print() { Swift.print(text) }
}

extension Duration {
    /// In milliseconds.
    var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
    }
}

import Events

/// A set of sequence numbers, kept as sorted ranges: a device that numbers without holes costs one.
struct SequenceRanges: Sendable, Equatable {
    private(set) var ranges: [ClosedRange<UInt64>] = []

    init() {}
    init(_ ranges: [ClosedRange<UInt64>]) { for range in ranges { insert(range) } }

    var last: UInt64? { ranges.last?.upperBound }

    func contains(_ number: UInt64) -> Bool {
        let index = firstIndex(endingAtOrAfter: number)
        return index < ranges.count && ranges[index].contains(number)
    }

    func overlaps(_ range: ClosedRange<UInt64>) -> Bool {
        let index = firstIndex(endingAtOrAfter: range.lowerBound)
        return index < ranges.count && ranges[index].overlaps(range)
    }

    mutating func insert(_ range: ClosedRange<UInt64>) {
        var lower = range.lowerBound
        var upper = range.upperBound
        // Ranges that touch become one, so look from one number before.
        let first = firstIndex(endingAtOrAfter: lower == 0 ? 0 : lower - 1)
        var next = first
        while next < ranges.count, ranges[next].lowerBound <= (upper == .max ? upper : upper + 1) {
            lower = min(lower, ranges[next].lowerBound)
            upper = max(upper, ranges[next].upperBound)
            next += 1
        }
        ranges.replaceSubrange(first..<next, with: CollectionOfOne(lower...upper))
    }

    mutating func remove(_ range: ClosedRange<UInt64>) {
        var kept: [ClosedRange<UInt64>] = []
        for old in ranges {
            guard old.overlaps(range) else {
                kept.append(old)
                continue
            }
            if old.lowerBound < range.lowerBound {
                kept.append(old.lowerBound...range.lowerBound - 1)
            }
            if old.upperBound > range.upperBound {
                kept.append(range.upperBound + 1...old.upperBound)
            }
        }
        ranges = kept
    }

    /// The ranges missing between the first and the last number.
    var gaps: [ClosedRange<UInt64>] {
        zip(ranges, ranges.dropFirst()).map { $0.upperBound + 1...$1.lowerBound - 1 }
    }

    private func firstIndex(endingAtOrAfter number: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// One numbering of events: what a device sends from one machine.
struct EventStream: Hashable, Sendable {
    let device: DeviceName
    let machine: MachineID
}

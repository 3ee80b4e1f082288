import Wire

extension EventColumns {
    /// The earliest and latest wall time; nil when there are no events.
    var timeRange: ClosedRange<Int64>? {
        guard let first = wallMilliseconds.min(), let last = wallMilliseconds.max() else {
            return nil
        }
        return first...last
    }

    /// The lowest and highest sequence number; nil when there are no events.
    var sequenceRange: ClosedRange<UInt64>? {
        guard let first = sequences.min(), let last = sequences.max() else { return nil }
        return first...last
    }

    /// The sequence numbers as runs that rise by one.
    var sequenceRuns: [ClosedRange<UInt64>] {
        var runs: [ClosedRange<UInt64>] = []
        for number in sequences {
            if let run = runs.last, number == run.upperBound &+ 1 {
                runs[runs.count - 1] = run.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs
    }
}

import Wire

extension EventColumns {
    /// The earliest and latest wall time; nil when there are no events.
    var timeRange: ClosedRange<Int64>? {
        guard var first = wallMilliseconds.first else { return nil }
        var last = first
        for time in wallMilliseconds {
            first = min(first, time)
            last = max(last, time)
        }
        return first...last
    }

    /// The lowest and highest sequence number; nil when there are no events.
    var sequenceRange: ClosedRange<UInt64>? {
        guard var first = sequences.first else { return nil }
        var last = first
        for number in sequences {
            first = min(first, number)
            last = max(last, number)
        }
        return first...last
    }

    /// Whether the sequence numbers rise by one.
    var isContiguous: Bool {
        for index in sequences.indices.dropFirst()
        where sequences[index] != sequences[index - 1] &+ 1 {
            return false
        }
        return sequences.last != nil && sequences[0] <= sequences[sequences.count - 1]
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

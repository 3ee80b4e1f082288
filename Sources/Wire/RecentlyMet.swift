/// A few values that were met lately, of which the next thing is mostly another case.
struct RecentlyMet<Value: Sendable>: Sendable {
    private var values: [Value] = []
    /// The one that fitted last is asked first.
    private var latest = 0
    /// The one that gives way when another is remembered.
    private var oldest = 0

    /// With and without Shift, in two windows: more are rarely in use within a batch.
    private static var countMaximum: Int { 4 }

    init() {}

    /// What comes of the first value that fits; nil when none does.
    @inline(__always)
    mutating func first<Result>(_ fit: (Value) -> Result?) -> Result? {
        guard !values.isEmpty else { return nil }
        if let result = fit(values[latest]) { return result }
        for index in values.indices where index != latest {
            if let result = fit(values[index]) {
                latest = index
                return result
            }
        }
        return nil
    }

    /// Remembers a value, in place of the oldest when there are enough.
    mutating func remember(_ value: Value) {
        if values.count < Self.countMaximum {
            latest = values.count
            values.append(value)
        } else {
            latest = oldest
            values[oldest] = value
            oldest = (oldest + 1) % Self.countMaximum
        }
    }
}

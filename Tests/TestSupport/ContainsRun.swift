extension [UInt8] {
    /// Whether some bytes stand somewhere in a row.
    public func containsRun(_ run: [UInt8]) -> Bool {
        guard let first = run.first, count >= run.count else { return run.isEmpty }
        return indices.dropLast(run.count - 1).contains { start in
            self[start] == first && self[start..<start + run.count].elementsEqual(run)
        }
    }
}

import Bytes

/// Writes envelopes with the leaf's prefix byte before them, one after the other into a buffer.
///
/// It is the innermost loop of admission, so it writes through a pointer: digit by digit into an array
/// took as long as the hashes themselves. The digits of the commitment come later, when it is known.
struct EnvelopeLine: Sendable {
    // What follows on the sequence number changes once a second of typing.
    private var lastWall: Int64 = 0
    private var lastMono: Int64 = 0
    private var lastKind: [UInt8] = []
    private var middle: [UInt8] = []

    /// Bytes of the longest name of a kind.
    static let kindSizeMaximum = 32

    /// Appends an envelope whose last 64 bytes are still to be filled with the digits of the commitment.
    mutating func append(
        sequence: UInt64, wallMilliseconds: Int64, monoMilliseconds: Int64, kind: [UInt8],
        to lines: inout [UInt8]
    ) {
        if wallMilliseconds != lastWall || monoMilliseconds != lastMono || kind != lastKind
            || middle.isEmpty
        {
            precondition(kind.count <= EnvelopeLine.kindSizeMaximum, "a kind's name is too long")
            lastWall = wallMilliseconds
            lastMono = monoMilliseconds
            lastKind = kind
            writeMiddle()
        }
        lines.append(0)
        DecimalText.append(sequence, to: &lines)
        ByteRuns.append(middle, 0..<middle.count, to: &lines)
    }

    private mutating func writeMiddle() {
        middle.removeAll(keepingCapacity: true)
        middle.append(0x20)
        DecimalText.append(lastWall, to: &middle)
        middle.append(0x20)
        DecimalText.append(lastMono, to: &middle)
        middle.append(0x20)
        middle.append(contentsOf: lastKind)
        middle.append(0x20)
        middle.append(contentsOf: repeatElement(0x30, count: 2 * Hash.size))
    }
}

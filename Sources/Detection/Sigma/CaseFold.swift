/// Case folding of values and patterns: simple Unicode case folding, one scalar to one scalar (R9).
///
/// The fold is `lowercase(uppercase(x))` where both are single scalars, which is the common and simple
/// folding of Unicode (`CaseFolding.txt`, status C and S) for all scalars but the Turkish dotless i,
/// which keeps its own identity as the standard says. Bytes that are not UTF-8 were made U+FFFD before.
enum CaseFold {
    /// The folded scalar.
    static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII {
            guard scalar.value >= 0x41, scalar.value <= 0x5A else { return scalar }
            return Unicode.Scalar(UInt8(scalar.value | 0x20))
        }
        // Simple folding leaves both Turkish letters alone.
        if scalar.value == 0x130 || scalar.value == 0x131 { return scalar }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return single(upper.properties.lowercaseMapping) ?? scalar
    }

    /// The folded UTF-8 of a text.
    static func bytes(_ text: String) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.utf8.count)
        var isPlain = true
        for byte in text.utf8 {
            if byte >= 0x80 {
                isPlain = false
                break
            }
            folded.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
        }
        if isPlain { return folded }
        folded.removeAll(keepingCapacity: true)
        for scalar in text.unicodeScalars {
            folded.append(contentsOf: UTF8.encode(fold(scalar)) ?? UTF8.encodedReplacementCharacter)
        }
        return folded
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { return nil }
        return first
    }
}

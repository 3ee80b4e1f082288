import Foundation
import Testing

@testable import Reports

@Suite struct ReportStyleTests {
    /// Relative luminance as WCAG 2.2 defines it.
    private func luminance(_ colour: String) throws -> Double {
        let value = try #require(UInt32(colour.dropFirst(), radix: 16))
        func channel(_ shift: UInt32) -> Double {
            let part = Double(value >> shift & 0xFF) / 255
            return part > 0.04045 ? pow((part + 0.055) / 1.055, 2.4) : part / 12.92
        }
        return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    @Test func `WCAG 2.2 AA: every text has a contrast of at least 4.5 to 1`() throws {
        for pair in ReportStyle.pairs {
            let values = try [luminance(pair.text), luminance(pair.background)].sorted()
            let contrast = (values[1] + 0.05) / (values[0] + 0.05)
            #expect(contrast >= 4.5, "\(pair.text) on \(pair.background): \(contrast)")
        }
    }
}

/// The CRC-32C (Castagnoli) checksum of RFC 3720, appendix B.4: finds torn and rotten records.
///
/// It guards against accidents only; changes on purpose are found by the signed Merkle log.
public enum CRC32C {
    /// Eight tables for eight bytes a step, from the reflected polynomial 0x82F63B78.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for byte in 0..<256 {
            for table in 1..<8 {
                let previous = tables[(table - 1) * 256 + byte]
                tables[table * 256 + byte] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
            }
        }
        return tables
    }()

    /// The checksum of some bytes, going on from the checksum of those before them.
    public static func checksum(_ bytes: some Collection<UInt8>, continuing crc: UInt32 = 0)
        -> UInt32
    {
        let viaBuffer = bytes.withContiguousStorageIfAvailable { buffer in
            unsafe update(crc, buffer)
        }
        if let viaBuffer { return viaBuffer }
        return unsafe Array(bytes).withUnsafeBufferPointer { unsafe update(crc, $0) }
    }

    private static func update(_ start: UInt32, _ buffer: UnsafeBufferPointer<UInt8>) -> UInt32 {
        unsafe tables.withUnsafeBufferPointer { table in
            var crc = ~start
            var index = 0
            let raw = UnsafeRawBufferPointer(buffer)
            while index + 8 <= buffer.count {
                let word = unsafe UInt64(
                    littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let low = crc ^ UInt32(truncatingIfNeeded: word)
                let high = UInt32(truncatingIfNeeded: word >> 32)
                crc =
                    unsafe table[7 * 256 + Int(low & 0xFF)]
                    ^ table[6 * 256 + Int(low >> 8 & 0xFF)]
                    ^ table[5 * 256 + Int(low >> 16 & 0xFF)]
                    ^ table[4 * 256 + Int(low >> 24)]
                    ^ table[3 * 256 + Int(high & 0xFF)]
                    ^ table[2 * 256 + Int(high >> 8 & 0xFF)]
                    ^ table[1 * 256 + Int(high >> 16 & 0xFF)]
                    ^ table[Int(high >> 24)]
                index += 8
            }
            while index < buffer.count {
                crc = unsafe (crc >> 8) ^ table[Int((crc ^ UInt32(buffer[index])) & 0xFF)]
                index += 1
            }
            return ~crc
        }
    }
}

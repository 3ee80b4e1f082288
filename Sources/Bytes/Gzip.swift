internal import CZlib

/// gzip (RFC 1952) through the system's zlib, reading only: clients send it, we never write it.
public enum Gzip {
    /// Expands one or more gzip members up to a limit in bytes.
    public static func decompress(_ bytes: [UInt8], sizeMaximum: Int) throws(BytesError) -> [UInt8]
    {
        guard !bytes.isEmpty else { throw .corruptFrame }
        var stream = unsafe z_stream()
        // 15 bits of window, and 16 to ask for a gzip header and trailer.
        let started = unsafe inflateInit2_(
            &stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .corruptFrame }
        defer { _ = unsafe inflateEnd(&stream) }
        var out = [UInt8](repeating: 0, count: min(max(bytes.count * 4, 4_096), sizeMaximum + 1))
        var produced = 0
        var consumed = 0
        while true {
            let code = unsafe inflateStep(&stream, bytes, &consumed, &out, &produced)
            if produced > sizeMaximum { throw .expandsBeyond(limit: sizeMaximum) }
            switch code {
            case Z_STREAM_END:
                if consumed == bytes.count {
                    out.removeLast(out.count - produced)
                    return out
                }
                guard unsafe inflateReset(&stream) == Z_OK else { throw .corruptFrame }
            case Z_OK, Z_BUF_ERROR:
                if produced == out.count {
                    let grown = min(out.count * 2, sizeMaximum + 1)
                    guard grown > out.count else { throw .expandsBeyond(limit: sizeMaximum) }
                    out.append(contentsOf: repeatElement(0, count: grown - out.count))
                } else if consumed == bytes.count {
                    throw .truncated(offset: bytes.count)
                }
            default:
                throw .corruptFrame
            }
        }
    }

    private static func inflateStep(
        _ stream: inout z_stream, _ bytes: [UInt8], _ consumed: inout Int, _ out: inout [UInt8],
        _ produced: inout Int
    ) -> Int32 {
        unsafe bytes.withUnsafeBytes { source in
            unsafe out.withUnsafeMutableBytes { target in
                let input = unsafe source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                let output = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.next_in = unsafe UnsafeMutablePointer(mutating: input)?
                    .advanced(by: consumed)
                unsafe stream.avail_in = UInt32(source.count - consumed)
                unsafe stream.next_out = unsafe output?.advanced(by: produced)
                unsafe stream.avail_out = UInt32(target.count - produced)
                let code = unsafe inflate(&stream, Z_NO_FLUSH)
                consumed = unsafe source.count - Int(stream.avail_in)
                produced = unsafe target.count - Int(stream.avail_out)
                return code
            }
        }
    }
}

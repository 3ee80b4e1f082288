internal import CZstd
import Synchronization

/// zstd frames (RFC 8878) through the system's libzstd.
///
/// A context is a megabyte of tables that is costly to make, so a few are kept for whoever comes next;
/// each has one owner at a time and is never shared between threads.
public enum Zstd {
    /// The largest window a frame from outside may ask for: 8 MiB (S20), as a power of two.
    static let windowLogMaximum: Int32 = 23

    /// Compresses into one frame that carries its size. Levels as in zstd: 1 fast, 3 usual, 19 dense.
    public static func compress(_ bytes: [UInt8], level: Int32) -> [UInt8] {
        let compressor = compressors.take() ?? CompressorBox()
        defer { compressors.put(compressor) }
        return compressor.compressor.compress(bytes, level: level)
    }

    /// Expands one or more frames, with or without a stated size, up to a limit in bytes.
    public static func decompress(_ bytes: [UInt8], sizeMaximum: Int) throws(BytesError) -> [UInt8]
    {
        let expander = expanders.take() ?? ExpanderBox()
        defer { expanders.put(expander) }
        return try expander.expander.expand(bytes, sizeMaximum: sizeMaximum)
    }

    private static let compressors = Kept<CompressorBox>()
    private static let expanders = Kept<ExpanderBox>()

    /// Contexts that nobody uses just now.
    private final class Kept<Box: Sendable>: Sendable {
        /// As many as threads that compress at one time on a small server; a context more is freed after use.
        private static var countMaximum: Int { 4 }

        private let boxes = Mutex<[Box]>([])

        func take() -> Box? { boxes.withLock { $0.popLast() } }

        func put(_ box: Box) {
            boxes.withLock { if $0.count < Self.countMaximum { $0.append(box) } }
        }
    }

    /// @unchecked: it is either among the kept or with the one who took it, never both.
    private final class CompressorBox: @unchecked Sendable {
        var compressor = Compressor(level: 3)
    }

    /// @unchecked: it is either among the kept or with the one who took it, never both.
    private final class ExpanderBox: @unchecked Sendable {
        var expander = Expander()
    }

    /// The size in bytes of the frame that bytes begin with; nil when they begin with none (RFC 8878).
    public static func frameSize(_ bytes: [UInt8]) -> Int? {
        let size = unsafe bytes.withUnsafeBytes {
            unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
        }
        return ZSTD_isError(size) != 0 ? nil : size
    }

    /// A compression context that is kept for many frames.
    @safe public struct Compressor: ~Copyable {
        private let context: OpaquePointer
        private let level: Int32

        /// A compressor for one level. Runs out of memory as the system does.
        public init(level: Int32) {
            guard let made = unsafe ZSTD_createCCtx() else { fatalError("out of memory for zstd") }
            unsafe context = made
            self.level = level
        }

        deinit { _ = unsafe ZSTD_freeCCtx(context) }

        /// Compresses into one frame that carries its size.
        public mutating func compress(_ bytes: [UInt8]) -> [UInt8] { compress(bytes, level: level) }

        mutating func compress(_ bytes: [UInt8], level: Int32) -> [UInt8] {
            let bound = ZSTD_compressBound(bytes.count)
            return unsafe [UInt8](unsafeUninitializedCapacity: bound) { out, count in
                count = unsafe bytes.withUnsafeBytes { source in
                    unsafe ZSTD_compressCCtx(
                        context, out.baseAddress, bound, source.baseAddress, source.count, level)
                }
                precondition(ZSTD_isError(count) == 0, "zstd cannot fail with room for the bound")
            }
        }
    }

    /// An expansion context that is kept for many frames.
    @safe public struct Expander: ~Copyable {
        private let context: OpaquePointer

        /// An expander that refuses windows over 8 MiB.
        public init() {
            guard let made = unsafe ZSTD_createDCtx() else { fatalError("out of memory for zstd") }
            unsafe context = made
            _ = unsafe ZSTD_DCtx_setParameter(
                context, ZSTD_d_windowLogMax, Zstd.windowLogMaximum)
        }

        deinit { _ = unsafe ZSTD_freeDCtx(context) }

        /// Expands all frames, stopping as soon as the limit is passed.
        ///
        /// Memory grows with what is really produced, so a bomb costs no more than the limit.
        public mutating func expand(_ bytes: [UInt8], sizeMaximum: Int) throws(BytesError)
            -> [UInt8]
        {
            guard !bytes.isEmpty else { throw .corruptFrame }
            _ = unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
            let stated = unsafe bytes.withUnsafeBytes {
                unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
            }
            let isStated = stated != UInt64.max && stated != UInt64.max - 1
            if isStated, stated > UInt64(sizeMaximum) { throw .expandsBeyond(limit: sizeMaximum) }
            let guess = isStated ? Int(stated) : min(sizeMaximum, bytes.count * 4)
            var out = [UInt8](repeating: 0, count: max(guess, 64))
            var produced = 0
            var consumed = 0
            while true {
                let hint = advance(bytes, &consumed, &out, &produced)
                if ZSTD_isError(hint) != 0 { throw failure(hint) }
                if produced > sizeMaximum { throw .expandsBeyond(limit: sizeMaximum) }
                // A hint of zero says that a frame is whole; another may follow it.
                if hint == 0, consumed == bytes.count { break }
                if produced == out.count {
                    // One byte over the limit is enough to know that it is passed.
                    let grown = min(max(out.count * 2, 4_096), sizeMaximum + 1)
                    guard grown > out.count else { throw .expandsBeyond(limit: sizeMaximum) }
                    out.append(contentsOf: repeatElement(0, count: grown - out.count))
                } else if consumed == bytes.count {
                    throw .truncated(offset: bytes.count)
                }
            }
            out.removeLast(out.count - produced)
            return out
        }

        private func failure(_ code: Int) -> BytesError {
            ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge
                ? .windowBeyond(limit: 1 << Zstd.windowLogMaximum) : .corruptFrame
        }

        private func advance(
            _ bytes: [UInt8], _ consumed: inout Int, _ out: inout [UInt8], _ produced: inout Int
        ) -> Int {
            unsafe bytes.withUnsafeBytes { source in
                unsafe out.withUnsafeMutableBytes { target in
                    var input = unsafe ZSTD_inBuffer(
                        src: source.baseAddress, size: source.count, pos: consumed)
                    var output = unsafe ZSTD_outBuffer(
                        dst: target.baseAddress, size: target.count, pos: produced)
                    let result = unsafe ZSTD_decompressStream(context, &output, &input)
                    unsafe consumed = input.pos
                    unsafe produced = output.pos
                    return result
                }
            }
        }
    }
}

/// The header of a member of a POSIX ustar archive: regular files only, names relative to the top.
///
///     0    name, 100 bytes     124  size, 11 octal digits    257  "ustar" NUL "00"
///     100  mode, owner, group  136  time, 11 octal digits    345  prefix, 155 bytes
///     148  checksum            156  "0"
///
/// A member is its header, its bytes and zero bytes up to a full block; two empty blocks end the archive.
public struct TarHeader: Equatable, Sendable {
    /// Bytes of a block.
    public static let blockSize = 512
    /// The end of an archive.
    public static let end = [UInt8](repeating: 0, count: 2 * blockSize)

    private static let nameSize = 100
    private static let prefixSize = 155
    private static let magic = Array("ustar\u{0}00".utf8)

    /// The member's path.
    public let name: String
    /// How many bytes it has.
    public let size: Int
    /// When it was made.
    public let unixSeconds: Int64

    /// A header; nil for a name or number that ustar cannot hold (a size of 8 GiB, for one).
    public init?(name: String, size: Int, unixSeconds: Int64) {
        guard !name.isEmpty, TarHeader.split(Array(name.utf8)) != nil, (0..<1 << 33).contains(size),
            (0..<1 << 33).contains(unixSeconds)
        else { return nil }
        self.name = name
        self.size = size
        self.unixSeconds = unixSeconds
    }

    /// Reads a header; nil unless it is one of a regular file and its checksum is right.
    public init?(parsing block: [UInt8]) {
        guard block.count == TarHeader.blockSize, block[156] == 0x30,
            Array(block[257..<265]) == TarHeader.magic,
            let sum = TarHeader.number(block[148..<154]), sum == TarHeader.checksum(block),
            let size = TarHeader.number(block[124..<135]),
            let time = TarHeader.number(block[136..<147])
        else { return nil }
        let short = TarHeader.text(block[0..<100])
        let prefix = TarHeader.text(block[345..<500])
        self.init(
            name: prefix.isEmpty ? short : prefix + "/" + short, size: size,
            unixSeconds: Int64(time))
    }

    /// The zero bytes after so many bytes of a member.
    public static func padding(_ size: Int) -> Int {
        (blockSize - size % blockSize) % blockSize
    }

    /// The 512 bytes.
    public var block: [UInt8] {
        guard let (prefix, short) = TarHeader.split(Array(name.utf8)) else {
            preconditionFailure("the initialiser has split the name")
        }
        var block = [UInt8](repeating: 0, count: TarHeader.blockSize)
        func put(_ bytes: [UInt8], at offset: Int) {
            block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        put(short, at: 0)
        put(TarHeader.octal(0o600, width: 7), at: 100)
        put(TarHeader.octal(0, width: 7), at: 108)
        put(TarHeader.octal(0, width: 7), at: 116)
        put(TarHeader.octal(size, width: 11), at: 124)
        put(TarHeader.octal(Int(unixSeconds), width: 11), at: 136)
        block[156] = 0x30
        put(TarHeader.magic, at: 257)
        put(prefix, at: 345)
        put(TarHeader.octal(TarHeader.checksum(block), width: 6) + [0, 0x20], at: 148)
        return block
    }

    /// Long names are cut at a slash: the first part goes into the prefix field.
    private static func split(_ name: [UInt8]) -> (prefix: [UInt8], short: [UInt8])? {
        if name.count <= nameSize { return ([], name) }
        for index in name.indices.reversed()
        where name[index] == 0x2F && index <= prefixSize && name.count - index - 1 <= nameSize {
            return (Array(name[..<index]), Array(name[(index + 1)...]))
        }
        return nil
    }

    /// The sum over the block with the checksum's own field as spaces.
    private static func checksum(_ block: [UInt8]) -> Int {
        block.indices.reduce(0) { $0 + Int((148..<156).contains($1) ? 0x20 : block[$1]) }
    }

    private static func octal(_ value: Int, width: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 8).utf8)
        precondition(digits.count <= width, "a number of an archive fits its field")
        return [UInt8](repeating: 0x30, count: width - digits.count) + digits
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}

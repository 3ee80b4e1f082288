import Durable

/// Writes folders as a POSIX ustar archive: regular files and directories, names relative to the top.
struct TarWriter {
    private static let blockSize = 512
    private static let nameSize = 100
    private static let prefixSize = 155
    private let unixSeconds: Int64
    private var bytes: [UInt8] = []

    /// An archive whose members all carry one time.
    init(unixSeconds: Int64) { self.unixSeconds = unixSeconds }

    /// Adds a folder with all it holds under a name, its members in the order of their names.
    mutating func add(folder: String, as name: String, from files: any FileSystem)
        throws(DurableError)
    {
        for inner in try files.list(folder).sorted() {
            let path = folder + "/" + inner
            if files.isDirectory(path) {
                try add(folder: path, as: name + "/" + inner, from: files)
            } else {
                add(file: name + "/" + inner, try files.read(path))
            }
        }
    }

    /// Adds a file. Names that ustar cannot hold do not occur in a bundle.
    mutating func add(file name: String, _ content: [UInt8]) {
        bytes.append(contentsOf: header(name, size: content.count))
        bytes.append(contentsOf: content)
        bytes.append(contentsOf: [UInt8](repeating: 0, count: TarWriter.padding(content.count)))
    }

    /// The archive, ended by two empty blocks.
    func finished() -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: 2 * TarWriter.blockSize)
    }

    private static func padding(_ size: Int) -> Int {
        (blockSize - size % blockSize) % blockSize
    }

    private func header(_ name: String, size: Int) -> [UInt8] {
        let (prefix, short) = TarWriter.split(Array(name.utf8))
        var block = [UInt8](repeating: 0, count: TarWriter.blockSize)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        put(short, at: 0)
        put(TarWriter.octal(0o600, width: 7), at: 100)
        put(TarWriter.octal(0, width: 7), at: 108)
        put(TarWriter.octal(0, width: 7), at: 116)
        put(TarWriter.octal(size, width: 11), at: 124)
        put(TarWriter.octal(Int(unixSeconds), width: 11), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        block[156] = 0x30
        put("ustar\u{0}00".utf8, at: 257)
        put(prefix, at: 345)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(TarWriter.octal(sum, width: 6) + [0, 0x20], at: 148)
        return block
    }

    /// Long names are cut at a slash: the first part goes into the prefix field.
    private static func split(_ name: [UInt8]) -> (prefix: [UInt8], short: [UInt8]) {
        if name.count <= nameSize { return ([], name) }
        for index in name.indices.reversed()
        where name[index] == 0x2F && index <= prefixSize && name.count - index - 1 <= nameSize {
            return (Array(name[..<index]), Array(name[(index + 1)...]))
        }
        preconditionFailure("a name of a bundle fits ustar")
    }

    private static func octal(_ value: Int, width: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 8).utf8)
        precondition(digits.count <= width, "a number of an archive fits its field")
        return [UInt8](repeating: 0x30, count: width - digits.count) + digits
    }
}

import Bytes
import Durable

/// Writes folders as a POSIX ustar archive: regular files and directories, names relative to the top.
struct TarWriter {
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
        guard let header = TarHeader(name: name, size: content.count, unixSeconds: unixSeconds)
        else { preconditionFailure("a name of a bundle fits ustar") }
        bytes.append(contentsOf: header.block)
        bytes.append(contentsOf: content)
        bytes.append(contentsOf: [UInt8](repeating: 0, count: TarHeader.padding(content.count)))
    }

    /// The archive, ended by two empty blocks.
    func finished() -> [UInt8] {
        bytes + TarHeader.end
    }
}

import Foundation

/// A POSIX ustar archive with regular files and directories under one top directory, and nothing else.
///
/// Names are checked before anything is written: no absolute path, no `..`, no link, no second top.
struct TarArchive {
    /// A file of the archive.
    struct Member {
        let path: String
        let content: Range<Int>
    }

    private static let blockSize = 512
    private let bytes: [UInt8]
    private let members: [Member]
    private let top: String

    /// Reads all headers.
    init(_ bytes: [UInt8]) throws(ClientFault) {
        var members: [Member] = []
        var at = 0
        while at + TarArchive.blockSize <= bytes.count {
            let header = Array(bytes[at..<at + TarArchive.blockSize])
            if header.allSatisfy({ $0 == 0 }) { break }
            at += TarArchive.blockSize
            let (path, size, type) = try TarArchive.fields(of: header)
            guard at + size <= bytes.count else { throw .badArchive("a file is cut short") }
            switch type {
            case 0x30, 0: members.append(Member(path: path, content: at..<at + size))
            case 0x35: break
            default: throw .badArchive("a member is neither file nor directory")
            }
            at += (size + TarArchive.blockSize - 1) / TarArchive.blockSize * TarArchive.blockSize
        }
        let tops = Set(members.map { $0.path.prefix { $0 != "/" } })
        guard let top = tops.first, tops.count == 1 else {
            throw .badArchive("it does not have one top directory")
        }
        self.bytes = bytes
        self.members = members
        self.top = String(top)
    }

    private static func fields(of header: [UInt8]) throws(ClientFault) -> (String, Int, UInt8) {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? 0x20 : Int(byte)
        }
        guard octal(header[148..<156]) == sum else { throw .badArchive("a header is damaged") }
        guard let size = octal(header[124..<136]) else { throw .badArchive("a size is missing") }
        let name = text(header[0..<100])
        let prefix = text(header[345..<500])
        let path = prefix.isEmpty ? name : prefix + "/" + name
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !path.hasPrefix("/"), !parts.isEmpty, !parts.contains(".."), !parts.contains(".")
        else { throw .badArchive("a name leaves the directory") }
        return (path, size, header[156])
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.filter { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Writes all files below a directory; gives the name of the top directory.
    ///
    /// Nothing that is there is overwritten: a bundle that was made once stays as it is.
    func unpack(into directory: String) throws(ClientFault) -> String {
        let target = directory + "/" + top
        guard !FileManager.default.fileExists(atPath: target) else {
            throw .cannotWrite(path: target, why: "it is there already")
        }
        for member in members {
            let path = directory + "/" + member.path
            do {
                let parent = path.split(separator: "/", omittingEmptySubsequences: false)
                    .dropLast().joined(separator: "/")
                try FileManager.default.createDirectory(
                    atPath: parent, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
                try Data(bytes[member.content]).write(
                    to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            } catch {
                throw .cannotWrite(path: path, why: "\(error.localizedDescription)")
            }
        }
        return top
    }
}

import Durable
import Foundation
import TestSupport
import Testing

@Suite struct RealFileSystemTests {
    @Test func `a directory read as a file is refused, not filled with memory`() throws {
        try TemporaryDirectory.with { directory in
            #expect(
                throws: DurableError.failed(call: "read", path: directory.pathText, code: EISDIR)
            ) {
                try RealFileSystem().read(directory.pathText)
            }
            #expect(throws: DurableError.self) {
                try RealFileSystem().read(directory.pathText, offset: 0, count: 10)
            }
        }
    }

    @Test func `a part of a file ends where the file ends`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.pathText + "/file"
            try RealFileSystem().replace(path, with: [1, 2, 3, 4, 5])
            #expect(try RealFileSystem().read(path) == [1, 2, 3, 4, 5])
            #expect(try RealFileSystem().read(path, offset: 3, count: 10) == [4, 5])
            #expect(try RealFileSystem().read(path, offset: 9, count: 10) == [])
            #expect(throws: DurableError.self) { try RealFileSystem().read(path + "-missing") }
        }
    }
}

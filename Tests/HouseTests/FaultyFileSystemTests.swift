import Durable
import Foundation
import TestSupport
import Testing

/// Both file systems under the faults: the one in memory and the machine's own.
enum Disk: CaseIterable, Sendable {
    case memory
    case machine

    func with(_ body: (FaultyFileSystem, String) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let base: any FileSystem =
                switch self {
                case .memory: MemoryFileSystem()
                case .machine: RealFileSystem()
                }
            try base.makeDirectory(folder.pathText + "disk")
            try body(FaultyFileSystem(over: base), folder.pathText + "disk")
        }
    }
}

@Suite struct FaultyFileSystemTests {
    @Test(.tags(.example), arguments: Disk.allCases)
    func `a power cut takes appended bytes that no sync covered`(disk: Disk) throws {
        try disk.with { system, folder in
            let file = try system.open(folder + "/a", creating: true)
            try file.append([1, 2])
            try file.synchronize()
            try file.append([3])
            #expect(try system.read(folder + "/a") == [1, 2, 3])
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [1, 2])
            #expect(throws: DurableError.self) { try file.append([4]) }
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `a power cut brings back what a truncation cut off`(disk: Disk) throws {
        try disk.with { system, folder in
            let file = try system.open(folder + "/a", creating: true)
            try file.append([1, 2, 3, 4])
            try file.synchronize()
            try file.truncate(to: 2)
            try file.append([9])
            try file.truncate(to: 1)
            #expect(try system.read(folder + "/a") == [1])
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [1, 2, 3, 4])
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `a power cut undoes a rename until its directory is synced`(disk: Disk) throws {
        try disk.with { system, folder in
            try system.replace(folder + "/a", with: [1])
            let file = try system.open(folder + "/b", creating: true)
            try file.append([2])
            try file.synchronize()
            try system.rename(folder + "/b", to: folder + "/a")
            #expect(try system.read(folder + "/a") == [2])
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [1])
            #expect(try system.read(folder + "/b") == [2])
            try system.rename(folder + "/b", to: folder + "/a")
            try system.synchronizeDirectory(folder)
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [2])
            #expect(!system.exists(folder + "/b"))
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `a power cut brings back a removed file`(disk: Disk) throws {
        try disk.with { system, folder in
            try system.replace(folder + "/a", with: [1])
            try system.remove(folder + "/a")
            #expect(!system.exists(folder + "/a"))
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [1])
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `a renamed file whose bytes were never synced comes out empty`(disk: Disk) throws {
        try disk.with { system, folder in
            let file = try system.open(folder + "/new", creating: true)
            try file.append([1, 2, 3])
            try system.rename(folder + "/new", to: folder + "/a")
            try system.synchronizeDirectory(folder)
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [])
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `the ordered call fails once, and a short append leaves its bytes behind`(
        disk: Disk
    ) throws {
        try disk.with { system, folder in
            let file = try system.open(folder + "/a", creating: true)
            system.fail(call: 2, with: .short(bytes: 2, ENOSPC))
            try file.append([1])
            #expect(throws: DurableError.failed(call: "write", path: folder + "/a", code: ENOSPC)) {
                try file.append([7, 7, 7])
            }
            #expect(file.size == 1)
            #expect(try system.read(folder + "/a") == [1, 7, 7])
            try file.append([2])
            #expect(try system.read(folder + "/a") == [1, 2])
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `a failed sync poisons the file and its bytes are lost with the power`(disk: Disk) throws {
        try disk.with { system, folder in
            let file = try system.open(folder + "/a", creating: true)
            try file.append([1])
            system.fail(call: 1, with: .error(EIO))
            #expect(throws: DurableError.self) { try file.synchronize() }
            #expect(throws: DurableError.poisoned(path: folder + "/a")) { try file.synchronize() }
            #expect(throws: DurableError.poisoned(path: folder + "/a")) { try file.append([2]) }
            try system.cutPower()
            #expect(try system.read(folder + "/a") == [])
        }
    }

    @Test(.tags(.example), arguments: Disk.allCases)
    func `after death every call fails until the restart, which frees the locks`(
        disk: Disk
    ) throws {
        try disk.with { system, folder in
            let lock = try system.lock(folder + "/lock")
            let file = try system.open(folder + "/a", creating: true)
            system.fail(call: 1, with: .death(afterBytes: 1))
            #expect(throws: DurableError.self) { try file.append([1, 2]) }
            #expect(throws: DurableError.self) { try system.read(folder + "/a") }
            #expect(throws: DurableError.self) { try system.lock(folder + "/lock") }
            let before = system.callCount
            #expect(throws: DurableError.self) { try system.size(folder + "/a") }
            #expect(system.callCount == before)
            system.restart()
            #expect(try system.read(folder + "/a") == [1])
            try system.lock(folder + "/lock").release()
            lock.release()
        }
    }

    @Test(.tags(.property)) func `replace leaves the old or the new content, wherever it dies`()
        throws
    {
        let old: [UInt8] = [1, 2, 3]
        let new = [UInt8](repeating: 9, count: 2_000)
        try forAll(runs: 300, { random in (call: random.int(in: 1...6), seed: random.next()) }) {
            cut in
            try Disk.memory.with { system, folder in
                try system.replace(folder + "/a", with: old)
                var random = SeededRandom(seed: cut.seed)
                system.fail(call: cut.call, with: .death(afterBytes: random.int(in: 0...2_000)))
                let isDone = (try? system.replace(folder + "/a", with: new)) != nil  // nil: it died
                try system.cutPower(losing: .some(seed: random.next()))
                let content = try system.read(folder + "/a")
                #expect(content == new || content == old && !isDone)
            }
        }
    }
}

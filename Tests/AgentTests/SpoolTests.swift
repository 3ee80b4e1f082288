import Durable
import Events
import Glibc
import TestSupport
import Testing
import Wire

@testable import Agent

@Suite struct SpoolTests {
    @Test func `batches are numbered and chained, and the numbers go on after a restart`() throws {
        let files = MemoryFileSystem()
        let session = try AgentFixture.session()
        for round in 0..<UInt64(3) {
            var spool = try AgentFixture.spool(files, seed: round)
            #expect(spool.chain.nextBatch == round * 2)
            for _ in 0..<2 {
                let events = (0..<3).map { _ in
                    AgentFixture.numbered(spool.takeSequence(), session: session)
                }
                try spool.store(events)
            }
            #expect(spool.chain.nextSequence == (round + 1) * 6)
            #expect(spool.unsent.count == Int(round + 1) * 2)
        }
    }

    @Test func `nothing that was typed stands in a file of the spool (P15)`() throws {
        let files = MemoryFileSystem()
        var spool = try AgentFixture.spool(files)
        let session = try AgentFixture.session()
        let place = Place(app: "Gedit", window: "canary-4711")
        func event() -> NumberedEvent {
            let sequence = spool.takeSequence()
            let content = CanonicalContent.encode(
                Event(
                    time: FakeClock.wallStart, sequence: sequence,
                    body: AgentFixture.key("canary-4711", place)))
            return NumberedEvent(
                session: session,
                upload: UploadEvent(
                    sequence: sequence, wallMilliseconds: 0, monoMilliseconds: 0, kind: .key,
                    content: content))
        }
        try spool.store([event()])
        try spool.append([event()])
        try spool.writeSession(
            SessionFile(loginKey: "canary-4711", session: session, startMilliseconds: 0))
        for name in ["chain", "open", "session", "batches/00000000000000000000.batch"] {
            let text = String(decoding: try files.read("/spool/" + name), as: UTF8.self)
            #expect(!text.contains("canary"), "\(name)")
            #expect(!text.contains("varga"), "\(name)")
        }
    }

    @Test func `a second agent on the same spool is refused`() throws {
        let files = MemoryFileSystem()
        let first = try AgentFixture.spool(files)
        #expect {
            _ = try AgentFixture.spool(files)
        } throws: { error in
            (error as? AgentError)?.message.contains("in use") == true
        }
        #expect(first.chain.nextBatch == 0)
    }

    @Test func `the spool of another device is refused with what to do`() throws {
        let files = MemoryFileSystem()
        do { _ = try AgentFixture.spool(files) }
        #expect {
            _ = try Spool.open(
                directory: "/spool", identity: try AgentFixture.identity(device: "device/2"),
                files: files, random: .seeded(1))
        } throws: { error in
            (error as? AgentError)?.message.contains("use another spool") == true
        }
    }

    @Test func `a damaged batch is set aside and the next one is sent`() throws {
        let files = MemoryFileSystem()
        let session = try AgentFixture.session()
        var spool = try AgentFixture.spool(files)
        for _ in 0..<3 {
            try spool.store([AgentFixture.numbered(spool.takeSequence(), session: session)])
        }
        let path = "/spool/batches/00000000000000000000.batch"
        var bytes = try files.read(path)
        bytes[bytes.count / 2] ^= 1
        try files.replace(path, with: bytes)
        let oldest = try spool.oldestUnsent()
        #expect(oldest?.number == 1)
        #expect(spool.quarantinedCount == 1)
        #expect(spool.damagedCount == 1)
        #expect(files.exists("/spool/quarantine/00000000000000000000.batch"))
    }

    @Test func `every changed byte of a batch file is noticed`() throws {
        let files = MemoryFileSystem()
        var spool = try AgentFixture.spool(files)
        try spool.store([
            AgentFixture.numbered(spool.takeSequence(), session: try AgentFixture.session())
        ])
        let path = "/spool/batches/00000000000000000000.batch"
        let bytes = try files.read(path)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            try files.replace(path, with: changed)
            #expect(throws: AgentError.self) { try spool.read(0) }
            try files.replace(path, with: Array(bytes[..<index]))
            #expect(throws: AgentError.self) { try spool.read(0) }
        }
    }

    @Test func `the open batch is read up to its first bad byte`() throws {
        let files = MemoryFileSystem()
        let session = try AgentFixture.session()
        do {
            var spool = try AgentFixture.spool(files)
            for _ in 0..<5 {
                try spool.append([AgentFixture.numbered(spool.takeSequence(), session: session)])
            }
        }
        let bytes = try files.read("/spool/open")
        var counts: Set<Int> = []
        for size in bytes.indices {
            try files.replace("/spool/open", with: Array(bytes[..<size]))
            let spool = try AgentFixture.spool(files)
            #expect(
                spool.recovered.map(\.upload.sequence) == Array(0..<UInt64(spool.recovered.count)))
            counts.insert(spool.recovered.count)
        }
        #expect(counts == [0, 1, 2, 3, 4])
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x80
            try files.replace("/spool/open", with: changed)
            #expect(try AgentFixture.spool(files).recovered.count < 5)
        }
    }

    @Test func `a damaged chain stops the agent instead of starting numbers again`() throws {
        let files = MemoryFileSystem()
        do { _ = try AgentFixture.spool(files) }
        try files.replace("/spool/chain", with: Array("sg.chain/v1\n".utf8))
        #expect(throws: AgentError.self) { _ = try AgentFixture.spool(files) }
    }
}

/// An agent's life on a failing disk: what was recorded and how far it got.
private struct Life {
    var recorded: [String] = []
    var isDead = false
}

@Suite struct SpoolCrashTests {
    /// Records keys, cuts batches, ships some, until the file system fails.
    private func live(
        _ files: any FileSystem, _ collector: FakeCollector, clock: FakeClock, first: Int,
        count: Int, seed: UInt64
    ) async -> Life {
        var life = Life()
        do {
            let recorder = try AgentFixture.recorder(
                files, clock: clock, seed: seed, batchEvents: 4)
            try await AgentFixture.begin(recorder)
            let shipper = AgentFixture.shipper(recorder, collector, clock: clock)
            for number in first..<first + count {
                let name = "K\(number)"
                await recorder.record([Observation(AgentFixture.key(name), at: clock)])
                guard await recorder.failure == nil else {
                    life.isDead = true
                    return life
                }
                life.recorded.append(name)
                if number % 3 == 0 { try await recorder.tick() }
                if number % 5 == 0 { _ = try await shipper.step() }
                clock.advance(by: .milliseconds(700))
            }
            try await recorder.end()
            _ = try await AgentFixture.shipAll(shipper)
        } catch {
            life.isDead = true
        }
        return life
    }

    private func keys(_ collector: FakeCollector) -> [String] {
        collector.events.filter { $0.kind == .key }.compactMap { event in
            let text = String(decoding: event.content, as: UTF8.self)
            return text.split(separator: "\"").first { $0.hasPrefix("K") && $0.count > 1 }
                .map(String.init)
        }
    }

    @Test func `killed at every call of the file system, nothing is lost, doubled or renumbered`()
        async throws
    {
        let reference = FaultyFileSystem(over: MemoryFileSystem())
        let whole = await live(
            reference, try AgentFixture.collector(), clock: FakeClock(), first: 0, count: 22,
            seed: 1)
        #expect(!whole.isDead)
        let total = reference.callCount
        for call in 1...total {
            for bytes in [0, 7, 100_000] {
                let files = FaultyFileSystem(over: MemoryFileSystem())
                let collector = try AgentFixture.collector()
                let clock = FakeClock()
                files.fail(call: call, with: .death(afterBytes: bytes))
                let first = await live(
                    files, collector, clock: clock, first: 0, count: 22, seed: 1)
                files.restart()
                let second = await live(
                    files, collector, clock: clock, first: 100, count: 6, seed: 2)
                #expect(!second.isDead, "call \(call): \(files.calls[call - 1])")
                #expect(collector.faults == [], "call \(call)")
                let kept = keys(collector)
                #expect(Set(kept).count == kept.count, "call \(call): doubled")
                let recorded = first.recorded + second.recorded
                // An event whose write was cut short may have reached the disk all the same.
                #expect(kept.filter(Set(recorded).contains) == recorded, "call \(call)")
            }
        }
    }

    @Test func `the power fails at every call: the chain holds and what was synced is there`()
        async throws
    {
        let reference = FaultyFileSystem(over: MemoryFileSystem())
        _ = await live(
            reference, try AgentFixture.collector(), clock: FakeClock(), first: 0, count: 22,
            seed: 1)
        for call in 1...reference.callCount {
            for loss in [PowerLoss.everything, .some(seed: UInt64(call)), .some(seed: 77)] {
                let files = FaultyFileSystem(over: MemoryFileSystem())
                let collector = try AgentFixture.collector()
                let clock = FakeClock()
                files.fail(call: call, with: .death(afterBytes: 3))
                _ = await live(files, collector, clock: clock, first: 0, count: 22, seed: 1)
                let acknowledged = keys(collector)
                try files.cutPower(losing: loss)
                let second = await live(
                    files, collector, clock: clock, first: 100, count: 6, seed: 2)
                #expect(!second.isDead, "call \(call): \(files.calls[call - 1])")
                #expect(collector.faults == [], "call \(call), \(loss)")
                let kept = keys(collector)
                #expect(Set(kept).count == kept.count, "call \(call): doubled")
                #expect(kept.starts(with: acknowledged), "call \(call)")
            }
        }
    }

    @Test func `a disk error that passes ends the agent and loses nothing recorded`() async throws {
        for call in stride(from: 1, through: 90, by: 1) {
            let files = FaultyFileSystem(over: MemoryFileSystem())
            let collector = try AgentFixture.collector()
            let clock = FakeClock()
            files.fail(call: call, with: .short(bytes: 5, ENOSPC))
            let first = await live(files, collector, clock: clock, first: 0, count: 22, seed: 1)
            files.restart()
            let second = await live(
                files, collector, clock: clock, first: 100, count: 6, seed: 2)
            #expect(!second.isDead)
            #expect(collector.faults == [], "call \(call)")
            let recorded = first.recorded + second.recorded
            let kept = keys(collector)
            #expect(kept.filter(Set(recorded).contains) == recorded, "call \(call)")
            #expect(Set(kept).count == kept.count, "call \(call)")
        }
    }
}

import Bytes
import Durable
import Events
import Foundation
import Proofs
import TestSupport
import Testing

@testable import EvidenceFile

@Suite struct BundleWriterTests {
    private func text(_ path: String, _ files: [String: [UInt8]]) -> String {
        String(decoding: files[path] ?? [], as: UTF8.self)
    }

    @Test func `the same contents give the same bytes`() throws {
        #expect(try SampleBundle().files() == SampleBundle().files())
    }

    @Test func `the words are on the page in both readings, and what matched is marked`() throws {
        let files = try SampleBundle().files()
        let page = text("data/START-HERE.html", files)
        #expect(page.contains("<dd>you are <mark>thick</mark></dd>"))
        #expect(page.contains("<dd>you arr\u{232B}e thick</dd>"))
        #expect(page.contains("Tuesday 24 November 2026, 09:25:45 GMT (UTC+00:00)"))
        #expect(page.contains("Looks for words that call somebody stupid."))
        #expect(page.contains("lang=\"en-GB\""))
        #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'"))
        #expect(!page.contains("<script"))
        #expect(!page.contains("http://") && !page.contains("src="))
        #expect(page.contains(try SampleBundle().issuer.fingerprint))
    }

    @Test func `nothing that was typed or named can break out of the page`() throws {
        let page = text("data/START-HERE.html", try SampleBundle().files())
        #expect(page.contains("J. &quot;Jo&quot; &lt;Smith&gt;"))
        #expect(page.contains("Year 9 &lt;group&gt; &amp; friends"))
        #expect(!page.contains("<group>"))
        try forAll(runs: 200) { random in
            random.text(upTo: 40)
        } check: { value in
            let shown = VisibleText.html(value)
            let plain = shown.replacing("<span class=\"sign\">", with: "").replacing(
                "</span>", with: "")
            #expect(!plain.contains { "<>\"'".contains($0) })
            #expect(!shown.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" })
        }
    }

    @Test func `tables are text to a spreadsheet`() throws {
        let files = try SampleBundle().files()
        let events = try #require(CSVTable.parse(files["data/events.csv"] ?? []))
        #expect(events.count == 21)
        #expect(
            events[0] == [
                "seq", "leaf", "index", "time_utc", "time_local", "type", "role", "text",
                "source_note",
            ])
        #expect(
            events[1][0...7] == [
                "100", "4", "0", "2026-11-24T09:25:45.000Z",
                "2026-11-24T09:25:45+00:00", "key", "match", "y",
            ])
        #expect(events[8][7] == "[Backspace]")
        #expect(events[17][7] == "[content withheld: out-of-scope]")
        #expect(events[19][0] == "" && events[19][7] == "[withheld: other-person]")
        #expect(files["data/events.csv"]?.prefix(3) == [0xEF, 0xBB, 0xBF])
        let texts = try #require(CSVTable.parse(files["data/text.csv"] ?? []))
        #expect(texts[1][7] == "you arr[bksp]e thick")
        #expect(texts[1][8] == "you are thick")
        let custody = try #require(CSVTable.parse(files["data/custody.csv"] ?? []))
        #expect(custody[1][5] == "'=look into it")
    }

    @Test func `no cell can be a formula, and every cell reads back`() throws {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            #expect(CSVTable.cell(start + "1").drop { $0 == "\"" }.first == "'")
        }
        try forAll(runs: 200) { random in
            (0..<3).map { _ in random.text(upTo: 12) }
        } check: { row in
            var table = CSVTable(columns: ["a", "b", "c"])
            table.append(row)
            let read = try #require(CSVTable.parse(table.bytes))
            #expect(read.count == 2)
            for (cell, value) in zip(read[1], row) {
                #expect(cell.hasSuffix(VisibleText.marked(value)))
                #expect(!"=+-@".contains(cell.first ?? " "))
            }
        }
        for broken in ["a,b", "\"a", "a\"b\"\r\n", "a\rb\r\n"] {
            #expect(CSVTable.parse(Array(broken.utf8)) == nil)
        }
    }

    @Test func `what is withheld is in no file of the bundle`() throws {
        let sample = try SampleBundle()
        for (path, bytes) in try sample.files() {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("Secret"), "\(path)")
            #expect(!text.contains("Essay"), "\(path)")
        }
    }

    @Test func `a name that must not leave stops the bundle and leaves nothing behind`() throws {
        var sample = try SampleBundle()
        sample.contents.withheldTexts = ["FRIENDS"]
        try TemporaryDirectory.with { folder in
            #expect(throws: EvidenceFileError.self) {
                try BundleWriter(fileSystem: RealFileSystem()).write(
                    sample.contents, issuer: sample.issuer, into: folder.pathText)
            }
            let left = try RealFileSystem().list(folder.pathText)
            #expect(left.isEmpty)
        }
    }

    @Test func `a bundle that fails its own check is not left behind`() throws {
        var sample = try SampleBundle()
        sample.contents.consistency[0].path[0] = .zero
        try TemporaryDirectory.with { folder in
            let writer = BundleWriter(fileSystem: RealFileSystem())
            #expect(throws: EvidenceFileError.self) {
                try writer.write(sample.contents, issuer: sample.issuer, into: folder.pathText)
            }
            let left = try RealFileSystem().list(folder.pathText)
            #expect(left.isEmpty)
            // What an earlier try left is cleared away by the next.
            let partial = folder.appending(path: ".SG-2026-000123.partial/data")
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
            try Data([1]).write(to: partial.appending(path: "left.txt"))
            let good = try SampleBundle()
            let written = try writer.write(
                good.contents, issuer: good.issuer, into: folder.pathText)
            #expect(written.report.conclusion == .good)
            let names = try RealFileSystem().list(folder.pathText)
            #expect(names == ["SG-2026-000123"])
            #expect(throws: EvidenceFileError.exists(path: written.path)) {
                try writer.write(good.contents, issuer: good.issuer, into: folder.pathText)
            }
            let read = try BundleReader(fileSystem: RealFileSystem()).read(written.path)
            let files = try good.files()
            #expect(read.files == files)
            #expect(
                written.tagManifestHash == Hash.sha256(read.files["tagmanifest-sha256.txt"] ?? []))
        }
    }

    @Test(arguments: ["", ".", "..", ".hidden", "a/b", "a b", "ä", "a\n"])
    func `a bundle id that is no file name is refused`(id: String) throws {
        var sample = try SampleBundle()
        sample.contents.record.bundle = id
        #expect(throws: EvidenceFileError.badBundleID) { try sample.files() }
    }

    @Test(arguments: ["", "a b", "a'b", "a\nb", "*", "ä"])
    func `an issuer's name that cannot stand in allowed_signers is refused`(name: String) throws {
        let key = try SampleBundle.key("issuer")
        #expect(throws: EvidenceFileError.badPrincipal) {
            try BundleIssuer(principal: name, key: key)
        }
    }

    @Test
    func `two rules of one id, two batches of one leaf and a rule id with a slash are refused`()
        throws
    {
        var sample = try SampleBundle()
        sample.contents.rules += sample.contents.rules
        #expect(throws: EvidenceFileError.self) { try sample.files() }
        sample = try SampleBundle()
        sample.contents.batches += [sample.contents.batches[0]]
        #expect(throws: EvidenceFileError.self) { try sample.files() }
        sample = try SampleBundle()
        sample.contents.rules[0].id = "../x"
        #expect(throws: EvidenceFileError.badRuleID) { try sample.files() }
    }

    @Test func `times are local with their offset, in winter and in summer`() throws {
        let winter = try #require(Instant(rfc3339: "2026-01-05T08:00:00Z"))
        let summer = try #require(Instant(rfc3339: "2026-07-01T23:30:00Z"))
        #expect(LocalTime(winter).full == "Monday 5 January 2026, 08:00:00 GMT (UTC+00:00)")
        #expect(LocalTime(summer).full == "Thursday 2 July 2026, 00:30:00 BST (UTC+01:00)")
        #expect(LocalTime(summer).iso == "2026-07-02T00:30:00+01:00")
    }
}

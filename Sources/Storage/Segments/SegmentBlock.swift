import Bytes
import Events
import Proofs
import Wire

/// A block of a segment, version 1: all batches of one student in one journal file, column by column.
///
///     u8 version
///     dictionaries: texts (devices, machines, students, sessions, key names), templates
///     per batch:    leaf, received, text indices, flags, number, event count, root, previous,
///                   signature or whole statement, seed
///     columns:      sequence deltas | wall deltas | mono deltas | kinds | contents
///
/// Contents of keys, which are four events in five, are cut at the key's name: what stands before
/// and after it (program, title) is a *template*, met thousands of times, and the name is one of a
/// hundred. Other contents stand as they are. Nothing is interpreted, so every content comes back
/// bit for bit. The whole is one zstd frame.
enum SegmentBlock {
    static let version: UInt8 = 1

    /// A block to which batches are still added: its columns, and what the directory says of it.
    ///
    /// It takes about eight bytes an event, a twelfth of what the events take as they came.
    struct Draft: Sendable {
        private(set) var events = 0
        private(set) var leaves: [UInt64] = []
        private(set) var times: ClosedRange<Int64>?
        private var encoder = BlockEncoder()

        /// About how many bytes of memory it takes.
        var sizeInMemory: Int { encoder.size + leaves.count * 8 }

        /// Whether so many events more are not too many for one block.
        func hasRoom(for more: Int) -> Bool { events + more <= StorageLimits.blockEventsMaximum }

        /// Adds a batch; those of a block come in the order of their leaves.
        mutating func append(_ batch: StoredBatch) throws(StorageError) {
            try encoder.append(batch)
            let columns = batch.upload.columns
            events += columns.count
            leaves.append(batch.leaf)
            guard let range = columns.timeRange else { return }
            let known = times ?? range
            times =
                min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
        }

        /// The block, not compressed yet.
        func encoded() -> [UInt8] { encoder.finish() }
    }

    static func decode(_ bytes: [UInt8]) throws(BytesError) -> [StoredBatch] {
        var reader = ByteReader(bytes)
        guard try reader.byte() == version else { throw .corruptFrame }
        var decoder = try BlockDecoder(&reader)
        return try decoder.batches()
    }
}

/// Numbers things in the order in which they are first met.
private struct Numbering<Entry: Hashable & Sendable>: Sendable {
    private(set) var entries: [Entry] = []
    private var indices: [Entry: Int] = [:]

    mutating func index(of entry: Entry) -> Int {
        if let known = indices[entry] { return known }
        entries.append(entry)
        indices[entry] = entries.count - 1
        return entries.count - 1
    }
}

/// Where the name of the key stands in a content: `{"app":…,"key":"<name>","window":…}`.
///
/// A quote inside a JSON string is always escaped, so `,"key":"` or `{"key":"` can only begin a member.
private func keyNameRange(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
    let mark: [UInt8] = [0x22, 0x6B, 0x65, 0x79, 0x22, 0x3A, 0x22]
    var at = range.lowerBound + 1
    while at + mark.count < range.upperBound {
        if bytes[at] == 0x22, bytes[at - 1] == 0x2C || bytes[at - 1] == 0x7B,
            isMark(mark, bytes, at)
        {
            let start = at + mark.count
            var end = start
            while end < range.upperBound, bytes[end] != 0x22 {
                end += bytes[end] == 0x5C ? 2 : 1
            }
            return end < range.upperBound ? start..<end : nil
        }
        at += 1
    }
    return nil
}

private func isMark(_ mark: [UInt8], _ bytes: [UInt8], _ start: Int) -> Bool {
    for index in mark.indices where bytes[start + index] != mark[index] { return false }
    return true
}

private struct BlockEncoder: Sendable {
    private struct Template: Hashable, Sendable {
        var prefix: [UInt8]
        var suffix: [UInt8]
    }

    private struct RecentTemplate: Sendable {
        var template: Template
        var index: Int

        /// The name in a content that is this template around a plain name.
        func name(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
            let start = range.lowerBound + template.prefix.count
            let end = range.upperBound - template.suffix.count
            guard start <= end,
                ByteRuns.isSame(template.prefix, bytes, range.lowerBound..<start),
                ByteRuns.isSame(template.suffix, bytes, end..<range.upperBound),
                ByteRuns.firstNotPlain(in: bytes, start..<end) == end
            else { return nil }
            return start..<end
        }
    }

    private var texts = Numbering<[UInt8]>()
    private var templates = Numbering<Template>()
    private var keyNames = Numbering<[UInt8]>()
    /// The last two, the latest first: with and without Shift they take turns.
    private var recentTemplates: [RecentTemplate] = []
    /// The numbers of names of one byte, which most are; -1 where not met yet.
    private var shortNames = [Int](repeating: -1, count: 256)
    private var heads = ByteWriter()
    private var batchCount = 0
    private var sequences = ByteWriter()
    private var walls = ByteWriter()
    private var monos = ByteWriter()
    private var kinds = ByteWriter()
    private var templateIndices = ByteWriter()
    private var keys = ByteWriter()
    private var contents = ByteWriter()
    private var lastLeaf: UInt64 = 0
    private var lastReceived: Int64 = 0
    private var nextSequence: UInt64 = 0
    private var lastWall: Int64 = 0
    private var lastMono: Int64 = 0
    private var lastTemplateIndex = 0

    mutating func append(_ batch: StoredBatch) throws(StorageError) {
        try appendHead(batch)
        batchCount += 1
        let columns = batch.upload.columns
        for index in 0..<columns.count {
            let sequence = columns.sequences[index]
            sequences.appendSignedVarint(Int64(bitPattern: sequence &- nextSequence))
            nextSequence = sequence &+ 1
            walls.appendSignedVarint(columns.wallMilliseconds[index] &- lastWall)
            lastWall = columns.wallMilliseconds[index]
            monos.appendSignedVarint(columns.monoMilliseconds[index] &- lastMono)
            lastMono = columns.monoMilliseconds[index]
            appendContent(columns, index)
        }
    }

    /// The statement is kept as its facts where they give back the same bytes, else whole.
    private mutating func appendHead(_ batch: StoredBatch) throws(StorageError) {
        let file: StatementFile
        if let known = batch.file {
            file = known
        } else {
            file = try StatementFile(batch.upload.statement)
        }
        let statement = file.statement
        heads.appendVarint(batch.leaf &- lastLeaf)
        lastLeaf = batch.leaf
        heads.appendSignedVarint(batch.received.milliseconds - lastReceived)
        lastReceived = batch.received.milliseconds
        heads.appendVarint(UInt64(batch.upload.columns.count))
        heads.append(contentsOf: batch.upload.seed)
        guard let signature = compactSignature(file, batch.upload.columns) else {
            heads.append(0)
            heads.appendCounted(batch.upload.statement)
            return
        }
        heads.append(statement.isCollectorOrigin ? 2 : 1)
        for text in [
            statement.origin, statement.device, statement.session, statement.host, statement.user,
            signature.name,
        ] {
            heads.appendVarint(UInt64(texts.index(of: Array(text.utf8))))
        }
        heads.appendVarint(statement.number)
        heads.append(contentsOf: statement.root.bytes)
        heads.append(contentsOf: statement.previous.bytes)
        heads.appendUInt32(signature.keyID)
        heads.append(contentsOf: signature.bytes)
    }

    private func compactSignature(_ file: StatementFile, _ columns: EventColumns)
        -> NoteSignature?
    {
        let statement = file.statement
        guard file.note.signatures.count == 1, file.note.signatures[0].bytes.count == 64,
            statement.firstSequence == columns.sequences.first,
            statement.lastSequence == columns.sequences.last,
            statement.firstWall == columns.wallMilliseconds.first,
            statement.lastWall == columns.wallMilliseconds.last,
            file.isMade || Array(statement.text().utf8) == file.note.text
        else { return nil }
        return file.note.signatures[0]
    }

    private mutating func appendContent(_ columns: EventColumns, _ index: Int) {
        let kind = columns.kinds[index]
        let range = columns.contentRange(index)
        guard kind == .key, let (name, template) = keyPlace(columns.contents, range) else {
            // The high bit marks contents that stand as they are.
            kinds.append(kind.rawValue | 0x80)
            contents.appendCounted(columns.contents[range])
            return
        }
        kinds.append(kind.rawValue)
        templateIndices.appendSignedVarint(Int64(template - lastTemplateIndex))
        lastTemplateIndex = template
        keys.appendVarint(UInt64(nameIndex(columns.contents, name)))
    }

    /// Where the name of a key stands, and the number of what stands around it.
    private mutating func keyPlace(_ bytes: [UInt8], _ range: Range<Int>)
        -> (name: Range<Int>, template: Int)?
    {
        // Nearly every content has one of the last two templates; then the name need not be looked for.
        if let recent = recentTemplates.first, let name = recent.name(bytes, range) {
            return (name, recent.index)
        }
        if let recent = recentTemplates.last, let name = recent.name(bytes, range) {
            recentTemplates.swapAt(0, recentTemplates.count - 1)
            return (name, recent.index)
        }
        guard let name = keyNameRange(bytes, range) else { return nil }
        let template = Template(
            prefix: Array(bytes[range.lowerBound..<name.lowerBound]),
            suffix: Array(bytes[name.upperBound..<range.upperBound]))
        let index = templates.index(of: template)
        recentTemplates =
            [RecentTemplate(template: template, index: index)] + recentTemplates.prefix(1)
        return (name, index)
    }

    private mutating func nameIndex(_ bytes: [UInt8], _ name: Range<Int>) -> Int {
        guard name.count == 1 else { return keyNames.index(of: Array(bytes[name])) }
        let byte = Int(bytes[name.lowerBound])
        if shortNames[byte] < 0 { shortNames[byte] = keyNames.index(of: [bytes[name.lowerBound]]) }
        return shortNames[byte]
    }

    /// How many bytes the columns have so far.
    var size: Int {
        heads.count + sequences.count + walls.count + monos.count + kinds.count
            + templateIndices.count + keys.count + contents.count
    }

    func finish() -> [UInt8] {
        var writer = ByteWriter(reserving: contents.count + keys.count * 2 + heads.count + 4_096)
        writer.append(SegmentBlock.version)
        for dictionary in [texts.entries, keyNames.entries] {
            writer.appendVarint(UInt64(dictionary.count))
            for text in dictionary { writer.appendCounted(text) }
        }
        writer.appendVarint(UInt64(templates.entries.count))
        for template in templates.entries {
            writer.appendCounted(template.prefix)
            writer.appendCounted(template.suffix)
        }
        writer.appendVarint(UInt64(batchCount))
        for column in [heads, sequences, walls, monos, kinds, templateIndices, keys, contents] {
            writer.appendCounted(column.bytes)
        }
        return writer.bytes
    }
}

private struct BlockDecoder {
    private var texts: [String] = []
    private var keyNames: [[UInt8]] = []
    private var templates: [(prefix: [UInt8], suffix: [UInt8])] = []
    private let batchCount: Int
    private var heads: ByteReader
    private var sequences: ByteReader
    private var walls: ByteReader
    private var monos: ByteReader
    private var kinds: ByteReader
    private var templateIndices: ByteReader
    private var keys: ByteReader
    private var contents: ByteReader
    private var lastLeaf: UInt64 = 0
    private var lastReceived: Int64 = 0
    private var nextSequence: UInt64 = 0
    private var lastWall: Int64 = 0
    private var lastMono: Int64 = 0
    private var lastTemplateIndex = 0

    init(_ reader: inout ByteReader) throws(BytesError) {
        for _ in 0..<(try reader.count(atMost: reader.remaining)) {
            texts.append(try reader.countedText())
        }
        for _ in 0..<(try reader.count(atMost: reader.remaining)) {
            keyNames.append(Array(try reader.counted()))
        }
        for _ in 0..<(try reader.count(atMost: reader.remaining)) {
            templates.append((Array(try reader.counted()), Array(try reader.counted())))
        }
        batchCount = try reader.count(atMost: reader.remaining)
        func column(_ reader: inout ByteReader) throws(BytesError) -> ByteReader {
            ByteReader(Array(try reader.counted()))
        }
        heads = try column(&reader)
        sequences = try column(&reader)
        walls = try column(&reader)
        monos = try column(&reader)
        kinds = try column(&reader)
        templateIndices = try column(&reader)
        keys = try column(&reader)
        contents = try column(&reader)
        guard reader.isAtEnd else { throw .corruptFrame }
    }

    mutating func batches() throws(BytesError) -> [StoredBatch] {
        var batches: [StoredBatch] = []
        for _ in 0..<batchCount { batches.append(try batch()) }
        return batches
    }

    private mutating func batch() throws(BytesError) -> StoredBatch {
        lastLeaf = lastLeaf &+ (try heads.varint())
        lastReceived = lastReceived &+ (try heads.signedVarint())
        let count = try heads.count(atMost: EventLimits.batchEventsMaximum)
        let seed = Array(try heads.take(BatchUpload.seedSize))
        let statement = try statementHead()
        let columns = try events(count)
        let upload = BatchUpload(
            seed: seed, statement: try statement(columns), columns: columns)
        do {
            return try StoredBatch(
                leaf: lastLeaf, received: Instant(milliseconds: lastReceived), upload: upload)
        } catch {
            throw .corruptFrame
        }
    }

    /// Reads a statement's facts; what comes back makes the file once the events are known.
    private mutating func statementHead() throws(BytesError) -> (EventColumns) throws(BytesError)
        -> [UInt8]
    {
        let form = try heads.byte()
        if form == 0 {
            let whole = Array(try heads.counted())
            return { (_) throws(BytesError) in whole }
        }
        var names: [String] = []
        for _ in 0..<6 {
            let index = try heads.count(atMost: Int.max)
            guard index < texts.count else { throw .corruptFrame }
            names.append(texts[index])
        }
        let number = try heads.varint()
        guard let root = Hash(bytes: try heads.take(Hash.size)),
            let previous = Hash(bytes: try heads.take(Hash.size))
        else { throw .corruptFrame }
        let keyID = try heads.uint32()
        let signature = Array(try heads.take(64))
        let isCollectorOrigin = form == 2
        let known = names
        return { (columns) throws(BytesError) in
            guard let firstSequence = columns.sequences.first,
                let lastSequence = columns.sequences.last,
                let firstWall = columns.wallMilliseconds.first,
                let lastWall = columns.wallMilliseconds.last
            else { throw .corruptFrame }
            let statement = BatchStatement(
                origin: known[0], device: known[1], isCollectorOrigin: isCollectorOrigin,
                session: known[2], host: known[3], user: known[4], number: number,
                firstSequence: firstSequence, lastSequence: lastSequence, firstWall: firstWall,
                lastWall: lastWall, root: root, previous: previous)
            let note = SignedNote(
                text: Array(statement.text().utf8),
                signatures: [NoteSignature(name: known[5], keyID: keyID, bytes: signature)])
            return note.bytes
        }
    }

    private mutating func events(_ count: Int) throws(BytesError) -> EventColumns {
        var columns = EventColumns()
        for _ in 0..<count {
            let sequence = nextSequence &+ UInt64(bitPattern: try sequences.signedVarint())
            nextSequence = sequence &+ 1
            lastWall = lastWall &+ (try walls.signedVarint())
            lastMono = lastMono &+ (try monos.signedVarint())
            let mark = try kinds.byte()
            guard let kind = EventKind(rawValue: mark & 0x7F) else { throw .corruptFrame }
            let content =
                mark & 0x80 == 0 ? try keyContent()[...] : try contents.counted()
            columns.append(
                sequence: sequence, wallMilliseconds: lastWall, monoMilliseconds: lastMono,
                kind: kind, content: content)
        }
        return columns
    }

    private mutating func keyContent() throws(BytesError) -> [UInt8] {
        let index = Int64(lastTemplateIndex) &+ (try templateIndices.signedVarint())
        let key = try keys.count(atMost: Int.max)
        guard index >= 0, index < templates.count, key < keyNames.count else {
            throw .corruptFrame
        }
        lastTemplateIndex = Int(index)
        let template = templates[lastTemplateIndex]
        return template.prefix + keyNames[key] + template.suffix
    }
}

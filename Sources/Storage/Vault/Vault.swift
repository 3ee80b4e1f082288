import Bytes
import Durable
import Events
import Synchronization

/// The number of a subject key in its file; 0 stands for content that is not encrypted (version 1).
typealias KeyNumber = UInt32

/// Everything that is needed to read what the store keeps (S35, `evidence.md` section 5).
///
/// A master key, apart from the data, wraps a data key for each student and month. Destroying a data
/// key erases that student's month wherever a copy of the data may lie.
final class Vault: Sendable {
    /// Seals records of acts (audit and the like), which belong to no student's key.
    let records: DataCipher
    private let master: DataCipher
    private let tags: DataCipher
    private let path: String
    private let environment: StoreEnvironment
    private let state: Mutex<State>

    private struct State {
        /// By number, the first at index 0.
        var keys: [SubjectKeyRecord] = []
        /// The newest live key of each subject.
        var newest: [[UInt8]: KeyNumber] = [:]
        var ciphers: [KeyNumber: DataCipher] = [:]
        /// Keys whose records do not decode.
        var damaged: Set<KeyNumber> = []
        /// Keys whose records a torn write left as zeros: nothing was sealed under them yet.
        var unwritten: Set<KeyNumber> = []
        var file: any DurableFile

        mutating func add(_ record: SubjectKeyRecord) {
            keys.append(record)
            if record.wrapped != nil { newest[record.tag] = record.number }
        }
    }

    /// Opens the key file, which is made when it is missing.
    init(layout: StoreLayout, master key: [UInt8], environment: StoreEnvironment)
        throws(StorageError)
    {
        master = DataCipher(key: key).derived(for: "daybook subject keys/1")
        tags = DataCipher(key: key).derived(for: "daybook subject tags/1")
        records = DataCipher(key: key).derived(for: "daybook records/1")
        path = layout.subjectKeys
        self.environment = environment
        let fileSystem = environment.fileSystem
        try files { () throws(DurableError) in try fileSystem.makeDirectory(layout.vault) }
        // Made by renaming, so it is whole or missing.
        let isNew = !fileSystem.exists(layout.subjectKeys)
        if isNew {
            try files { () throws(DurableError) in
                try fileSystem.replace(layout.subjectKeys, with: SubjectKeyRecord.header)
            }
        }
        let file = try files { () throws(DurableError) in
            try fileSystem.open(layout.subjectKeys, creating: false)
        }
        var state = State(file: file)
        let bytes = try files { () throws(DurableError) in
            try fileSystem.read(layout.subjectKeys)
        }
        try Vault.load(bytes, path, &state)
        self.state = Mutex(state)
    }

    private static func load(_ bytes: [UInt8], _ path: String, _ state: inout State)
        throws(StorageError)
    {
        guard bytes.starts(with: SubjectKeyRecord.magic) else {
            throw .corrupt(file: path, offset: 0, why: "not a key file of version 1")
        }
        let whole = bytes.count / SubjectKeyRecord.size * SubjectKeyRecord.size
        if whole < bytes.count {
            // A crash while a key was being added: nothing was sealed under it yet.
            try files { () throws(DurableError) in try state.file.truncate(to: whole) }
        }
        // Keys that a killed process had not synced are used from now on.
        try files { () throws(DurableError) in try state.file.synchronize() }
        var at = SubjectKeyRecord.size
        while at < whole {
            let number = KeyNumber(at / SubjectKeyRecord.size)
            let encoded = Array(bytes[at..<at + SubjectKeyRecord.size])
            if let record = try? SubjectKeyRecord(decoding: encoded),  // why not does not matter
                record.number == number
            {
                state.add(record)
            } else if encoded.allSatisfy({ $0 == 0 }) {
                // If it was a key after all, what was sealed under it names it.
                state.unwritten.insert(number)
                state.keys.append(.lost(number))
            } else {
                state.damaged.insert(number)
                state.keys.append(.lost(number))
            }
            at += SubjectKeyRecord.size
        }
    }

    // MARK: Keys of students

    /// The numbers of the keys of subjects; those that are missing are made, and durable before this returns.
    func keys(for subjects: Set<Subject>) throws(StorageError) -> [Subject: KeyNumber] {
        try locked { (state) throws(StorageError) in
            var numbers: [Subject: KeyNumber] = [:]
            var added: [SubjectKeyRecord] = []
            for subject in subjects.sorted(by: { ($0.month, $0.student) < ($1.month, $1.student) })
            {
                let tag = tag(of: subject)
                if let known = state.newest[tag] {
                    numbers[subject] = known
                } else {
                    let number = KeyNumber(state.keys.count + added.count + 1)
                    added.append(fresh(number, subject.month, tag, state))
                    numbers[subject] = number
                }
            }
            try add(added, &state)
            return numbers
        }
    }

    /// A later key of a subject than this one, made if there is none: what is kept moves to it, so that
    /// the old one can be destroyed.
    func renewed(_ old: KeyNumber, for subject: Subject) throws(StorageError) -> KeyNumber {
        try locked { (state) throws(StorageError) in
            let tag = tag(of: subject)
            if let newest = state.newest[tag], newest > old {
                return newest
            }
            let number = KeyNumber(state.keys.count + 1)
            try add([fresh(number, subject.month, tag, state)], &state)
            return number
        }
    }

    /// Live keys of months before one.
    func liveKeys(before month: CivilMonth) -> [KeyNumber] {
        state.withLock { state in
            state.keys.filter { $0.wrapped != nil && $0.month < month }.map(\.number)
        }
    }

    /// The months of keys.
    func months(of numbers: [KeyNumber]) -> Set<CivilMonth> {
        state.withLock { state in
            Set(
                numbers.compactMap { number in
                    number > 0 && number <= state.keys.count
                        ? state.keys[Int(number) - 1].month : nil
                })
        }
    }

    /// The cipher under a key; nil once the key is destroyed.
    func cipher(_ number: KeyNumber) throws(StorageError) -> DataCipher? {
        try locked { (state) throws(StorageError) in
            if let known = state.ciphers[number] { return known }
            guard number > 0, number <= state.keys.count, !state.damaged.contains(number),
                !state.unwritten.contains(number)
            else {
                throw .corrupt(
                    file: path, offset: SubjectKeyRecord.offset(of: number),
                    why: "key \(number) is missing")
            }
            let record = state.keys[Int(number) - 1]
            guard let wrapped = record.wrapped else { return nil }
            guard let key = master.open(wrapped, label: record.label) else {
                throw .corrupt(
                    file: path, offset: SubjectKeyRecord.offset(of: number),
                    why: "key \(number) does not open under the master key")
            }
            let cipher = DataCipher(key: key)
            state.ciphers[number] = cipher
            return cipher
        }
    }

    /// All keys of a student, destroyed ones among them, by number.
    func keys(of student: StudentID) -> [(number: KeyNumber, month: CivilMonth, isLive: Bool)] {
        state.withLock { state in
            var tags: [CivilMonth: [UInt8]] = [:]
            return state.keys.compactMap { record in
                let tag =
                    tags[record.month]
                    ?? self.tag(of: Subject(student: student, month: record.month))
                tags[record.month] = tag
                guard record.tag == tag else { return nil }
                return (record.number, record.month, record.wrapped != nil)
            }
        }
    }

    /// Destroys keys for good: their bytes are overwritten where they lie, and synced.
    func destroy(_ numbers: [KeyNumber]) throws(StorageError) {
        try locked { (state) throws(StorageError) in
            for number in numbers where number > 0 && number <= state.keys.count {
                var record = state.keys[Int(number) - 1]
                record.wrapped = nil
                let bytes = record.encoded
                let file = state.file
                try files { () throws(DurableError) in
                    try file.overwrite(bytes, at: SubjectKeyRecord.offset(of: number))
                }
                state.keys[Int(number) - 1] = record
                state.ciphers[number] = nil
                if state.newest[record.tag] == number { state.newest[record.tag] = nil }
            }
            let file = state.file
            try files { () throws(DurableError) in try file.synchronize() }
        }
    }

    /// Which keys were destroyed.
    var destroyed: Set<KeyNumber> {
        state.withLock { state in
            Set(state.keys.filter { $0.wrapped == nil }.map(\.number))
                .subtracting(state.damaged).subtracting(state.unwritten)
        }
    }

    /// What is wrong with the key file: offsets of records that cannot be read.
    func faults() -> [Int] {
        state.withLock { state in
            state.damaged.sorted().map { SubjectKeyRecord.offset(of: $0) }
                + state.keys.compactMap { record in
                    guard let wrapped = record.wrapped,
                        master.open(wrapped, label: record.label) == nil
                    else { return nil }
                    return SubjectKeyRecord.offset(of: record.number)
                }
        }
    }

    private func tag(of subject: Subject) -> [UInt8] {
        let name = Array("\(subject.month)\u{0}\(subject.student.rawValue)".utf8)
        return Array(tags.tag(of: name).prefix(SubjectKeyRecord.tagSize))
    }

    private func fresh(
        _ number: KeyNumber, _ month: CivilMonth, _ tag: [UInt8], _ state: State
    ) -> SubjectKeyRecord {
        let last = state.keys.last { $0.tag == tag }?.generation ?? 0
        var record = SubjectKeyRecord(
            number: number, month: month, generation: last + 1, tag: tag)
        record.wrapped = wrap(
            environment.randomBytes(DataCipher.keySize), label: record.label)
        return record
    }

    private func add(_ records: [SubjectKeyRecord], _ state: inout State) throws(StorageError) {
        guard !records.isEmpty else { return }
        let file = state.file
        let size = SubjectKeyRecord.size * (state.keys.count + 1)
        try files { () throws(DurableError) in
            // What a failed attempt left behind is no record of ours.
            if file.size != size { try file.truncate(to: size) }
            try file.append(records.flatMap(\.encoded))
            try file.synchronize()
        }
        for record in records { state.add(record) }
    }

    // MARK: Other keys

    /// A key under the master key.
    func wrap(_ key: [UInt8], label: [UInt8]) -> [UInt8] {
        master.seal(key, nonce: nonce(), label: label)
    }

    /// The key in a wrapping; nil when it was changed or the master key is another.
    func unwrap(_ wrapped: [UInt8], label: [UInt8]) -> [UInt8]? {
        master.open(wrapped, label: label)
    }

    /// A nonce at random.
    func nonce() -> [UInt8] { environment.randomBytes(DataCipher.nonceSize) }

    /// A key at random.
    func newKey() -> [UInt8] { environment.randomBytes(DataCipher.keySize) }

    func close() { state.withLock { $0.file.close() } }

    private func locked<Value: Sendable>(
        _ body: (inout State) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = state.withLock { state in
            do throws(StorageError) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension SubjectKeyRecord {
    /// Stands for a record that cannot be read, so that those after it keep their numbers.
    fileprivate static func lost(_ number: KeyNumber) -> SubjectKeyRecord {
        SubjectKeyRecord(
            number: number, month: CivilMonth(containing: Instant(milliseconds: 0)), generation: 0,
            tag: [])
    }
}

public import Backup
import Detection
public import Events
import Proofs
import Reports
public import Storage

/// What the command line may ask of a store, whether it opens it itself or asks the serving process.
///
/// Every answer is one JSON object.
public enum UpkeepCommand {
    /// Seals the journal.
    public static func seal(_ store: Store) throws(StorageError) -> String {
        let report = try store.seal()
        var json = JSONWriter()
        json.object { json in
            json.member("segments", report.segments)
            json.member("events", report.events)
            json.member("bytes", report.size)
        }
        return json.text
    }

    /// Checks the whole store and names every damaged file and range.
    public static func verify(_ store: Store) throws(StorageError) -> String {
        let verdict = try store.verify()
        var json = JSONWriter()
        json.object { json in
            json.member("ok", verdict.isWhole)
            json.member("events", verdict.events)
            json.member("leaves", verdict.leaves)
            json.member("checkpoints", verdict.checkpoints)
            json.array("faults") { json in
                for fault in verdict.faults {
                    json.object { json in
                        json.member("file", fault.file)
                        json.member("offset", fault.offset)
                        json.member("what", fault.what)
                    }
                }
            }
        }
        return json.text
    }

    /// Makes a backup.
    public static func backup(
        _ request: StoreBackup.Request, of store: Store, environment: StoreEnvironment
    ) throws(BackupError) -> String {
        let summary = try StoreBackup.run(request, of: store, environment: environment)
        var json = JSONWriter()
        json.object { json in
            json.member("out", request.out)
            json.member("bytes", summary.size)
            json.member("files", summary.files)
            json.member("keysOut", request.keysOut)
            json.member("keyFiles", summary.keyFiles)
            json.member("origin", summary.point.origin)
            json.member("leaves", summary.point.treeSize)
            json.member("root", summary.point.root.base64)
        }
        return json.text
    }

    /// Runs the night of a school day, or what is left of it.
    public static func night(
        _ day: SchoolDay, _ store: Store, rules: RulesInForce, environment: StoreEnvironment
    ) async throws -> String {
        let force = rules.current
        let report = try await NightlyRun.run(
            day: day, store: store,
            in: .init(
                environment: environment,
                rules: .init(
                    version: force.version, hash: force.hash, rules: force.pack.rules.count)))
        var json = JSONWriter()
        json.object { json in
            json.member("day", report.day.description)
            json.member("html", report.htmlPath)
            json.member("json", report.jsonPath)
            json.array("stepsDone") { json in
                for step in report.stepsDone { json.element(step.rawValue) }
            }
            json.member("notice", report.notice)
        }
        return json.text
    }

    /// The day whose night it is: yesterday until noon in London, then today.
    public static func day(ofNightAt now: Instant) -> SchoolDay {
        SchoolDay(containing: now.advanced(byMilliseconds: -12 * 3_600_000))
    }
}

import Bytes
public import Events
import GRDB

/// A device as the catalogue knows it.
public struct DeviceRow: Sendable {
    /// How a device proves who it is.
    public enum Kind: String, Sendable {
        /// By its own Ed25519 key.
        case signing
        /// By a bearer token only.
        case token
    }
    /// Its name on statements.
    public var name: DeviceName
    /// What the network manager calls it.
    public var label: String
    /// How it proves who it is.
    public var kind: Kind
    /// Its Ed25519 public key, 32 bytes; nil for token devices.
    public var publicKey: [UInt8]?
    /// When it was enrolled.
    public var enrolled: Instant
    /// When it was revoked.
    public var revoked: Instant?
    /// When it was set aside because two statements had one number.
    public var setAside: Instant?
}

extension Catalogue {
    /// Keeps the hash of a one-time enrolment code until it is used or expires.
    public func add(enrolmentCode hash: [UInt8], label: String, expires: Instant)
        throws(StorageError)
    {
        try write {
            try $0.execute(
                sql: "INSERT INTO enrolment_code (hash, label, expires) VALUES (?, ?, ?)",
                arguments: [blob(hash), label, expires.milliseconds])
        }
    }

    /// Enrols a device with its public key if the code is known and not expired; the code is then
    /// used up.
    ///
    /// The answer may be lost on its way: the same code with the same key gives the same name again,
    /// as often as it is asked and until the device is revoked. Returns nil for a code that is
    /// unknown, expired unused, or used by another key.
    public func enrol(codeHash: [UInt8], publicKey: [UInt8], name: DeviceName, at now: Instant)
        throws(StorageError) -> DeviceName?
    {
        try write { database in
            let code = try Row.fetchOne(
                database, sql: "SELECT label, expires, device FROM enrolment_code WHERE hash = ?",
                arguments: [blob(codeHash)])
            guard let code else { return nil }
            if let user: String = code["device"] {
                return try String.fetchOne(
                    database,
                    sql: "SELECT name FROM device "
                        + "WHERE name = ? AND public_key = ? AND revoked IS NULL",
                    arguments: [user, blob(publicKey)]
                ).flatMap(DeviceName.init)
            }
            let expires: Int64 = code["expires"]
            guard expires > now.milliseconds else { return nil }
            let label: String = code["label"]
            try database.execute(
                sql: "INSERT INTO device (name, kind, label, public_key, enrolled) "
                    + "VALUES (?, 'signing', ?, ?, ?)",
                arguments: [name.rawValue, label, blob(publicKey), now.milliseconds])
            try database.execute(
                sql: "UPDATE enrolment_code SET device = ? WHERE hash = ?",
                arguments: [name.rawValue, blob(codeHash)])
            return name
        }
    }

    /// Adds a device that sends lines with a bearer token, of which only the hash is kept.
    public func addTokenDevice(
        name: DeviceName, label: String, tokenHash: [UInt8], at now: Instant
    ) throws(StorageError) {
        try write { database in
            try database.execute(
                sql: "INSERT INTO device (name, kind, label, enrolled) VALUES (?, 'token', ?, ?)",
                arguments: [name.rawValue, label, now.milliseconds])
            try database.execute(
                sql: "INSERT INTO device_token (hash, device) VALUES (?, ?)",
                arguments: [blob(tokenHash), name.rawValue])
        }
    }

    /// The device a token belongs to; nil when unknown or revoked.
    public func device(tokenHash: [UInt8]) throws(StorageError) -> DeviceName? {
        try read { database in
            try String.fetchOne(
                database,
                sql: "SELECT device FROM device_token JOIN device ON name = device "
                    + "WHERE hash = ? AND revoked IS NULL",
                arguments: [blob(tokenHash)]
            ).flatMap(DeviceName.init)
        }
    }

    /// The same for one request of many: what was found is kept for two seconds.
    public func device(tokenHash: [UInt8], at now: Instant) throws(StorageError) -> DeviceName? {
        if let known = tokens.device(tokenHash: tokenHash, at: now) { return known }
        guard let device = try device(tokenHash: tokenHash) else { return nil }
        tokens.keep(device, tokenHash: tokenHash, at: now)
        return device
    }

    /// A device by its name.
    public func device(_ name: DeviceName) throws(StorageError) -> DeviceRow? {
        try devices(where: "name = ?", [name.rawValue]).first
    }

    /// All devices, by name.
    public func devices() throws(StorageError) -> [DeviceRow] { try devices(where: "1", []) }

    /// Ends what a device may send from now on; false when there is no such device.
    public func revoke(_ name: DeviceName, at now: Instant) throws(StorageError) -> Bool {
        defer { tokens.forgetAll() }
        return try write { database in
            try database.execute(
                sql: "UPDATE device SET revoked = ? WHERE name = ? AND revoked IS NULL",
                arguments: [now.milliseconds, name.rawValue])
            return database.changesCount > 0
        }
    }

    /// Marks a device that sent two statements under one number (S5).
    func setAside(_ name: DeviceName, at now: Instant) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "UPDATE device SET set_aside = ? WHERE name = ?",
                arguments: [now.milliseconds, name.rawValue])
        }
    }

    /// Adds a person who may look, by the hash of a token.
    public func addOperator(tokenHash: [UInt8], name: String) throws(StorageError) {
        try write {
            try $0.execute(
                sql: "INSERT INTO operator (hash, name) VALUES (?, ?)",
                arguments: [blob(tokenHash), name])
        }
    }

    /// Whose token it is; nil when unknown.
    public func operatorName(tokenHash: [UInt8]) throws(StorageError) -> String? {
        try read {
            try String.fetchOne(
                $0, sql: "SELECT name FROM operator WHERE hash = ?", arguments: [blob(tokenHash)])
        }
    }

    private func devices(where condition: String, _ arguments: StatementArguments)
        throws(StorageError) -> [DeviceRow]
    {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM device WHERE \(condition) ORDER BY name",
                arguments: arguments
            ).compactMap { row in
                guard let name = DeviceName(row["name"]) else { return nil }
                let revoked: Int64? = row["revoked"]
                let setAside: Int64? = row["set_aside"]
                return DeviceRow(
                    name: name, label: row["label"],
                    kind: DeviceRow.Kind(rawValue: row["kind"]) ?? .token,
                    publicKey: row.bytes("public_key"),
                    enrolled: Instant(milliseconds: row["enrolled"]),
                    revoked: revoked.map { Instant(milliseconds: $0) },
                    setAside: setAside.map { Instant(milliseconds: $0) })
            }
        }
    }
}

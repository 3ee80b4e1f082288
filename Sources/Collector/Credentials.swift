import Access
import Bytes
import Events
public import Storage

/// Makes new secrets and stores what the catalogue has to know of them. Works beside a serving collector.
public enum Credentials {
    /// Adds a person who may look; gives the token, which is not kept.
    public static func newOperator(
        name: String, in catalogue: Catalogue, environment: StoreEnvironment = .live
    ) throws(StorageError) -> String {
        let credential = new(.operator, environment)
        try catalogue.addOperator(tokenHash: sha256(credential.text.utf8), name: name)
        return credential.text
    }

    /// Adds a client that sends lines without signing; gives the token, which is not kept.
    public static func newTokenDevice(
        label: String, in catalogue: Catalogue, environment: StoreEnvironment = .live
    ) throws(StorageError) -> String {
        let credential = new(.device, environment)
        try catalogue.addTokenDevice(
            name: newDeviceName(environment), label: label,
            tokenHash: sha256(credential.text.utf8), at: environment.now())
        return credential.text
    }

    /// Makes a one-time code with which an agent enrols its own key (S1).
    public static func newEnrolmentCode(
        label: String, in catalogue: Catalogue, environment: StoreEnvironment = .live
    ) throws(StorageError) -> String {
        let credential = new(.enrolment, environment)
        try catalogue.add(
            enrolmentCode: sha256(credential.text.utf8), label: label,
            expires: environment.now().advanced(
                byMilliseconds: CollectorLimits.enrolmentLifetimeMilliseconds))
        return credential.text
    }

    /// A name that says nothing about the machine: `device/` and 8 hex digits.
    static func newDeviceName(_ environment: StoreEnvironment) -> DeviceName {
        guard let name = DeviceName("device/" + Hex.encode(environment.randomBytes(4))) else {
            preconditionFailure("a generated device name is short and not empty")
        }
        return name
    }

    private static func new(_ kind: Credential.Kind, _ environment: StoreEnvironment)
        -> Credential
    {
        Credential(kind: kind, randomBytes: environment.randomBytes(Credential.randomSize))
    }
}

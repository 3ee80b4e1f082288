public import Storage

/// What can go wrong in casework.
public enum CaseworkError: Error, Sendable {
    /// The catalogue failed.
    case store(StorageError)
    /// A stored finding has a theme or severity that this version does not know, or broken JSON.
    case badFinding(id: Int64)
    /// A year has more incidents than six digits count.
    case tooManyIncidents(year: Int)

    /// The error in plain English, without content.
    public var message: String {
        switch self {
        case .store(let error): error.message
        case .badFinding(let id):
            "finding \(id) in the catalogue cannot be read, rebuild the findings from the journal"
        case .tooManyIncidents(let year):
            "the year \(year) has more than \(IncidentID.numberMaximum) incidents, check the rules"
        }
    }
}

/// Runs catalogue calls and wraps what they throw.
func catalogued<Value>(_ body: () throws(StorageError) -> Value) throws(CaseworkError) -> Value {
    do {
        return try body()
    } catch {
        throw .store(error)
    }
}

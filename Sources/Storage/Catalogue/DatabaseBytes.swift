import Foundation
import GRDB

/// Bytes as SQLite takes them.
func blob(_ bytes: [UInt8]) -> Data { Data(bytes) }

extension Row {
    /// The bytes of a column; nil for NULL.
    func bytes(_ column: String) -> [UInt8]? {
        let data: Data? = self[column]
        return data.map { [UInt8]($0) }
    }
}

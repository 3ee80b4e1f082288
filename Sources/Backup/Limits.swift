/// Bounds of backups.
enum BackupLimits {
    /// 1 MiB: how much of a file is held at a time, so that memory does not grow with the store.
    static let pieceSize = 1 << 20
    /// 256 MiB: no compressed member expands further (the checkpoints of ten years are 100 MiB); more is damage.
    static let expandedSizeMaximum = 256 << 20
    /// zstd level: the usual one, for what is compressed here is a small part of a backup.
    static let compressionLevel: Int32 = 3
}

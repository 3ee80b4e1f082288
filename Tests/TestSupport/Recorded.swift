import Synchronization

/// Values that tasks and callbacks hand to a test, in the order in which they came.
public final class Recorded<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    /// Nothing yet.
    public init() {}

    /// Takes note of a value.
    public func note(_ element: Element) { elements.withLock { $0.append(element) } }

    /// All values so far.
    public var values: [Element] { elements.withLock { $0 } }
}

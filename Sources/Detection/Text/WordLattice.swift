/// All readings of a text at once: nodes between words, and an edge for every reading of what lies between.
///
/// The edge of a word that no rule knows carries -1, so that gaps and names can still step over it. Readings of
/// several written words (letters spaced out, a word cut by Enter) jump over nodes; one written word that holds
/// several (spaces left out, an emoji) goes through nodes of its own.
struct WordLattice {
    /// What a traversal may do at a node.
    enum Gate: UInt8 {
        /// Between words of a sentence.
        case open
        /// After Enter when the message before was cut short: a phrase may go on.
        case softEnter
        /// After Enter when the message before was complete.
        case hardEnter
        /// Between sentences.
        case closed
    }

    /// A reading of what lies between two nodes.
    struct Edge {
        var from: Int32
        var to: Int32
        /// The word in the vocabulary, or -1.
        var word: Int32
        /// Its original bytes.
        var lower: Int32
        var upper: Int32
        /// The next edge out of the same node and into the same node, or -1.
        var nextOut: Int32
        var nextIn: Int32
        /// Whether it is the word as written.
        var isWritten: Bool
        /// Whether it may be a person's name.
        var isName: Bool
    }

    private(set) var edges: [Edge] = []
    private(set) var gates: [Gate] = []
    /// Whether a phrase may begin or end at a node; not where a written word was merely split.
    private(set) var mayBegin: [Bool] = []
    private(set) var mayEnd: [Bool] = []
    private(set) var headOut: [Int32] = []
    private(set) var headIn: [Int32] = []
    /// How many nodes stand between written words; later ones are inside a reading.
    private(set) var writtenCount = 0

    /// Empties it and makes a node before each word and one after the last.
    mutating func begin(words: Int) {
        edges.removeAll(keepingCapacity: true)
        gates.removeAll(keepingCapacity: true)
        mayBegin.removeAll(keepingCapacity: true)
        mayEnd.removeAll(keepingCapacity: true)
        headOut.removeAll(keepingCapacity: true)
        headIn.removeAll(keepingCapacity: true)
        writtenCount = words + 1
        for _ in 0...words { _ = addNode() }
    }

    /// A new node inside a reading.
    mutating func addNode(mayBegin: Bool = true, mayEnd: Bool = true) -> Int32 {
        gates.append(.open)
        self.mayBegin.append(mayBegin)
        self.mayEnd.append(mayEnd)
        headOut.append(-1)
        headIn.append(-1)
        return Int32(gates.count - 1)
    }

    /// Sets what may happen at a node.
    mutating func setGate(_ gate: Gate, at node: Int) { gates[node] = gate }

    /// Adds a reading.
    mutating func add(
        from: Int32, to: Int32, word: Int32, lower: Int32, upper: Int32, isWritten: Bool = false,
        isName: Bool = false
    ) {
        let index = Int32(edges.count)
        edges.append(
            Edge(
                from: from, to: to, word: word, lower: lower, upper: upper,
                nextOut: headOut[Int(from)], nextIn: headIn[Int(to)], isWritten: isWritten,
                isName: isName))
        headOut[Int(from)] = index
        headIn[Int(to)] = index
    }

    /// Whether a phrase may go on across a node.
    @inline(__always)
    func isPassable(_ node: Int32) -> Bool { gates[Int(node)].rawValue <= Gate.softEnter.rawValue }

    /// Whether a sentence or message begins or ends at a node.
    func isEdge(_ node: Int32) -> Bool {
        node == 0 || Int(node) == writtenCount - 1 || gates[Int(node)] != .open
    }
}

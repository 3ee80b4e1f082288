/// A value modifier of Sigma 2.1 (R18 to R33).
enum Modifier: String, Hashable, Sendable {
    case contains, startswith, endswith, all, cased, exists, neq
    case windash, base64, base64offset, utf16, utf16le, utf16be, wide
    case re
    case ignoreCase = "i"
    case multiline = "m"
    case dotAll = "s"
    case lt, lte, gt, gte
    case cidr, expand, fieldref
    case minute, hour, day, week, month, year

    /// The modifier of a name in any case; names that pySigma adds for the flags of `re` are known too.
    init?(name: String) {
        switch name.lowercased() {
        case "ignorecase": self = .ignoreCase
        case "dotall": self = .dotAll
        case "multiline": self = .multiline
        case let lowered:
            guard let modifier = Modifier(rawValue: lowered) else { return nil }
            self = modifier
        }
    }

    /// Which part of a date it takes, else nil.
    var timePart: TimePart? { TimePart(rawValue: rawValue) }
}

/// A part of a date that a rule can compare (R29).
public enum TimePart: String, Hashable, Sendable {
    case minute, hour, day, week, month, year
}

/// The modifiers of one field, in order and checked: what is not understood is refused (R33).
struct ModifierChain {
    /// How a string value is compared.
    enum Placement: Hashable, Sendable { case whole, contains, startswith, endswith }

    /// An encoding of the value, in the order written.
    enum Encoding: Hashable, Sendable {
        case windash, base64, base64offset, utf16, utf16le, utf16be
    }

    /// A comparison of numbers.
    enum Comparison: String, Hashable, Sendable { case lt, lte, gt, gte }

    private(set) var placement = Placement.whole
    private(set) var isAll = false
    private(set) var isCased = false
    private(set) var isNegated = false
    private(set) var isExists = false
    private(set) var isExpression = false
    private(set) var isNetwork = false
    private(set) var isExpanded = false
    private(set) var isReference = false
    private(set) var flags: Set<Modifier> = []
    private(set) var encodings: [Encoding] = []
    private(set) var comparison: Comparison?
    private(set) var timePart: TimePart?

    /// Reads the names after the field's, each with its place.
    init(_ names: [(name: String, position: SourcePosition)]) throws(RuleComplaint) {
        var previous: Modifier?
        for (name, position) in names {
            guard let modifier = Modifier(name: name) else {
                throw RuleComplaint(
                    .unknownModifier, at: position,
                    "the modifier '\(name)' is not part of Sigma 2.1, correct it or leave it out")
            }
            try take(modifier, after: previous, at: position)
            previous = modifier
        }
    }

    private mutating func take(
        _ modifier: Modifier, after previous: Modifier?, at position: SourcePosition
    ) throws(RuleComplaint) {
        func refuse(_ why: String) -> RuleComplaint {
            RuleComplaint(.modifierOrder, at: position, "'\(modifier.rawValue)' \(why)")
        }
        let isTyped = isExpression || isNetwork || isExists || comparison != nil
        switch modifier {
        case .contains, .startswith, .endswith:
            guard !isTyped, timePart == nil else {
                throw refuse("compares text and cannot follow a modifier that does not")
            }
            guard placement == .whole else {
                throw refuse("cannot stand with '\(placement)', choose one of them")
            }
            placement =
                modifier == .contains
                ? .contains : modifier == .startswith ? .startswith : .endswith
        case .all: isAll = true
        case .cased:
            guard !isTyped else { throw refuse("is for text only") }
            isCased = true
        case .neq: isNegated = true
        case .exists:
            guard previous == nil else { throw refuse("stands alone") }
            isExists = true
        case .windash, .base64, .base64offset, .utf16, .utf16le, .utf16be, .wide:
            guard !isTyped, !isReference else { throw refuse("encodes text only") }
            try takeEncoding(modifier, refuse: refuse)
        case .re:
            guard placement == .whole, encodings.isEmpty, !isCased, !isTyped else {
                throw refuse("searches by itself and cannot follow a modifier that changes text")
            }
            isExpression = true
        case .ignoreCase, .multiline, .dotAll:
            guard isExpression else { throw refuse("is a flag of 're' and follows it: 're|i'") }
            flags.insert(modifier)
        case .lt, .lte, .gt, .gte:
            guard placement == .whole, encodings.isEmpty, !isTyped else {
                throw refuse("compares numbers and cannot follow a modifier of text")
            }
            comparison = Comparison(rawValue: modifier.rawValue)
        case .cidr:
            guard placement == .whole, encodings.isEmpty, !isTyped else {
                throw refuse("is for addresses and cannot follow a modifier of text")
            }
            isNetwork = true
        case .expand:
            guard !isTyped else { throw refuse("fills placeholders of text only") }
            isExpanded = true
        case .fieldref:
            guard encodings.isEmpty, !isTyped else { throw refuse("names another field") }
            isReference = true
        case .minute, .hour, .day, .week, .month, .year:
            guard placement == .whole, encodings.isEmpty, !isTyped, timePart == nil else {
                throw refuse("takes a part of a date and stands before a comparison of numbers")
            }
            timePart = modifier.timePart
        }
    }

    private mutating func takeEncoding(
        _ modifier: Modifier, refuse: (String) -> RuleComplaint
    ) throws(RuleComplaint) {
        let encoding: Encoding =
            switch modifier {
            case .windash: .windash
            case .base64: .base64
            case .base64offset: .base64offset
            case .utf16: .utf16
            case .utf16be: .utf16be
            default: .utf16le
            }
        let isEncoded = encodings.contains(.base64) || encodings.contains(.base64offset)
        guard !isEncoded else { throw refuse("cannot follow base64, put it before") }
        let isWide = encodings.contains { $0 == .utf16 || $0 == .utf16le || $0 == .utf16be }
        let isWidening = encoding == .utf16 || encoding == .utf16le || encoding == .utf16be
        guard !(isWide && (isWidening || encoding == .windash)) else {
            throw refuse("cannot follow an encoding in UTF-16, put it before")
        }
        encodings.append(encoding)
    }

    /// Whether values are compared byte by byte: after base64 the case of a letter means something (R25).
    var comparesExactly: Bool {
        isCased
            || encodings.contains { encoding in
                switch encoding {
                case .windash: false
                default: true
                }
            }
    }
}

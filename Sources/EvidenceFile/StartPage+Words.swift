import Events
import Typing

/// The words as they were typed and as they were left, what matched marked, with the talk around it.
extension StartPage {
    var words: String {
        let passages = timeline.passages
        guard !passages.isEmpty else { return "" }
        let shown = passagesShown
        var items: [String] = []
        var previous = -1
        var day = ""
        for index in shown {
            if index != previous + 1 { items.append(skipped(index - previous - 1)) }
            let today = LocalTime(passages[index].passage.start).day
            if today != day {
                items.append("<li><h3>\(VisibleText.html(today))</h3></li>")
                day = today
            }
            items.append(item(passages[index]))
            previous = index
        }
        let left = passages.count - 1 - previous
        if left > 0 { items.append(skipped(left)) }
        return """
            <section aria-labelledby="words">
            <h2 id="words">The words, in context</h2>
            <p class="small">\u{201C}As left\u{201D} is what the field held in the end. \u{201C}As \
            typed\u{201D} keeps what was taken away again; each \(Passage.deletionMark) is one press of \
            a key that removes text. Signs that cannot be seen are written out, as in \
            <span class="sign">\u{27E6}U+200B\u{27E7}</span>. What a rule matched is \
            <mark>marked</mark>.</p>
            <ol class="words">
            \(items.joined(separator: "\n"))
            </ol>
            </section>
            """
    }

    /// Indices of the passages on the page: those that matched, and some on each side.
    private var passagesShown: [Int] {
        let passages = timeline.passages
        let around = EvidenceFileLimits.passagesAroundMatch
        var shown: Set<Int> = []
        for index in passages.indices where !spans(of: passages[index]).isEmpty {
            let first = max(0, index - around)
            shown.formUnion(first...min(passages.count - 1, index + around))
        }
        if shown.isEmpty { shown = Set(passages.indices.prefix(2 * around)) }
        return Array(shown.sorted().prefix(EvidenceFileLimits.passagesOnPage))
    }

    private func skipped(_ count: Int) -> String {
        "<li class=\"gap\">\(PlainWords.count(count, "passage")) not shown here; see text.csv</li>"
    }

    private func item(_ typed: BundleTimeline.TypedPassage) -> String {
        let passage = typed.passage
        let spans = spans(of: typed)
        let place = passage.place
        let parts = [place.app, place.window].filter { !$0.isEmpty }.joined(separator: ": ")
        let start = LocalTime(passage.start)
        let end = LocalTime(passage.end)
        let time = start.time == end.time ? start.time : "\(start.time) to \(end.time)"
        var lines = [
            term("As left", marked(passage.asLeft.text, spans.filter { $0.reading == "as-left" }))
        ]
        if passage.asTyped.text != passage.asLeft.text {
            lines.append(
                term(
                    "As typed",
                    marked(passage.asTyped.text, spans.filter { $0.reading == "as-typed" })))
        }
        for run in passage.deletedRuns {
            let matched = spans.filter {
                $0.reading == "deleted-run" && run.text.utf8Slice($0.lower, $0.upper) == $0.text
            }
            if !matched.isEmpty { lines.append(term("Taken away", marked(run.text, matched))) }
        }
        if !passage.isExact {
            lines.append(term("Note", "Some of this cannot be known from the keys alone."))
        }
        return """
            <li class="passage\(spans.isEmpty ? "" : " match")">
            <p class="where">\(VisibleText.html(time)) \(VisibleText.html(start.zone)), \
            \(VisibleText.html(parts.isEmpty ? "unknown window" : parts))\
            \(spans.isEmpty ? "" : " <span class=\"flag\">matched</span>")</p>
            <dl>\(lines.joined())</dl>
            </li>
            """
    }

    private func term(_ name: String, _ value: String) -> String {
        "<dt>\(name)</dt><dd>\(value)</dd>"
    }

    /// What was matched in a passage.
    func spans(of typed: BundleTimeline.TypedPassage) -> [MatchRecord] {
        record.findings.filter {
            $0.device == typed.source.device
                && typed.passage.sequences.overlaps(
                    min($0.firstSequence, $0.lastSequence)...max($0.firstSequence, $0.lastSequence))
        }.flatMap(\.matches).filter { match in
            let readings: [Reading] =
                switch match.reading {
                case "as-left": [typed.passage.asLeft]
                case "as-typed": [typed.passage.asTyped]
                case "deleted-run": typed.passage.deletedRuns
                default: []
                }
            return readings.contains { $0.text.utf8Slice(match.lower, match.upper) == match.text }
        }
    }

    /// The text with the matched bytes marked; ranges that overlap become one.
    func marked(_ text: String, _ spans: [MatchRecord]) -> String {
        var page = ""
        var offset = 0
        for span in spans.sorted(by: { ($0.lower, $0.upper) < ($1.lower, $1.upper) }) {
            let lower = max(span.lower, offset)
            guard lower < span.upper, let before = text.utf8Slice(offset, lower),
                let inside = text.utf8Slice(lower, span.upper)
            else { continue }
            page += VisibleText.html(before) + "<mark>\(VisibleText.html(inside))</mark>"
            offset = span.upper
        }
        return page + VisibleText.html(text.utf8Slice(offset, text.utf8.count) ?? "")
    }

    /// What matched and was not typed: window titles, pages, programs.
    var otherMatches: String {
        let rows = record.findings.flatMap { finding in
            finding.matches.filter { $0.reading == "field" }.map { match in
                let first = match.events.first
                let entry = timeline.entries.first {
                    $0.leaf == first?.leaf && $0.index == first?.index
                }
                let time = entry?.event.map { LocalTime($0.time).full } ?? "time not shown"
                return "<tr><td>\(VisibleText.html(time))</td>"
                    + "<td>\(VisibleText.html(StartPage.fieldName(match.field)))</td>"
                    + "<td><mark>\(VisibleText.html(match.text))</mark></td></tr>"
            }
        }
        guard !rows.isEmpty else { return "" }
        return """
            <section aria-labelledby="other">
            <h2 id="other">Matches that were not typed</h2>
            <table>
            <tr><th scope="col">When</th><th scope="col">Where</th><th scope="col">Words</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            </section>
            """
    }

    private static func fieldName(_ field: String) -> String {
        switch field {
        case "WindowTitle": "Title of a window"
        case "Application": "Name of a program"
        case "Url": "Address of a page"
        case "UrlTitle": "Title of a page"
        case "CommandLine": "Command line of a program"
        case "Image", "ParentImage": "Path of a program"
        default: field
        }
    }
}

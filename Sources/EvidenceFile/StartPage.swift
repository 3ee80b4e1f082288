import Events
import Proofs
import Typing

/// `START-HERE.html`: the bundle on one page for a person, without script and without anything from outside.
///
/// Every value goes through ``VisibleText/html(_:)``. The page follows from the bundle's own data, so a
/// verifier can make it again and compare.
struct StartPage {
    let record: IncidentRecord
    let timeline: BundleTimeline
    let rules: [RuleText]
    let batchCount: Int
    let fingerprint: String

    /// The page.
    var file: [UInt8] {
        let parts = [
            head, "<body>\n<main>", masthead, facts, words, otherMatches, why, notShown, genuine,
            files, foot, "</main>\n</body>\n</html>",
        ]
        return Array((parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n").utf8)
    }

    private func html(_ text: String) -> String { VisibleText.html(text) }

    private var head: String {
        """
        <!DOCTYPE html>
        <html lang="en-GB">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>Evidence bundle \(html(record.bundle))</title>
        <style>
        \(StartPageStyle.sheet)
        </style>
        </head>
        """
    }

    private var masthead: String {
        """
        <header>
        <p class="school">\(html(record.school))</p>
        <h1>\(headline)</h1>
        <p class="bundle">Evidence bundle \(html(record.bundle))\(made.map { ", made on \(html($0.full))" } ?? "")</p>
        <p class="lead">\(lead)</p>
        </header>
        """
    }

    private var made: LocalTime? { Instant(rfc3339: record.made).map(LocalTime.init) }

    private var gravest: FindingRecord? {
        record.findings.max { ($0.severity, $1.rule) < ($1.severity, $0.rule) }
    }

    private var headline: String {
        guard let gravest else { return "Nothing was flagged" }
        let times = matchTimes
        let days = times.map { ", \(html($0.first.day))" } ?? ""
        return "Possible \(html(PlainWords.theme(gravest.theme).lowercased()))\(days)"
    }

    private var lead: String {
        let matched = PlainWords.count(record.findings.count, "time")
        return """
            Rules that look for words and patterns matched \(matched) in what was recorded under the \
            account <strong>\(html(record.subject.account))</strong>. A match is a prompt for a person \
            to look. It is not a finding of fact, and an account is not a person.
            """
    }

    private var facts: String {
        let account = html(record.subject.account)
        let who = record.subject.name.map { "\(account) (\(html($0)))" } ?? account
        let rows = [
            ("What happened", whatHappened), ("The words", gist),
            ("Why it was flagged", ruleTitles), ("When", when), ("Account", who),
            ("Workstation", html(record.workstations.joined(separator: ", "))),
            ("Urgency", urgency),
            (
                "What it is not",
                "Proof of who typed, or that anything was sent. "
                    + "See <a href=\"#limits\">what this does not show</a>."
            ),
            ("Fingerprint to compare", "<code>\(html(fingerprint))</code>"),
            ("School's reference", html(record.subject.reference)),
            ("Made for", html(PlainWords.audience(record.audience))),
            ("Purpose", html(record.purpose)),
            (
                "Requested and approved",
                "\(html(record.requestedBy)); approved by \(html(record.approvedBy))"
            ),
            ("Questions to", html(record.contactRole)),
        ]
        let body = rows.map { "<tr><th scope=\"row\">\($0.0)</th><td>\($0.1)</td></tr>" }
        return """
            <section aria-labelledby="facts">
            <h2 id="facts">At a glance</h2>
            <table class="facts">
            \(body.joined(separator: "\n"))
            </table>
            </section>
            """
    }

    private var whatHappened: String {
        let themes = record.findings.reduce(into: [String: Int]()) { $0[$1.theme, default: 0] += 1 }
        return themes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\(html(PlainWords.theme($0.key))) (\(PlainWords.count($0.value, "match", plural: "matches")))"
        }.joined(separator: "<br>")
    }

    /// The first few of the words that matched, each with the line it stands in.
    private var gist: String {
        var lines: [String] = []
        for typed in timeline.passages where lines.count < 3 {
            let spans = spans(of: typed)
            guard let reading = spans.first?.reading else { continue }
            let shown = spans.filter { $0.reading == reading }
            let text =
                switch reading {
                case "as-left": typed.passage.asLeft.text
                case "as-typed": typed.passage.asTyped.text
                default: shown.first?.text ?? ""
                }
            let line = reading == "deleted-run" ? "<mark>\(html(text))</mark>" : marked(text, shown)
            lines.append("<q>\(line)</q>" + (reading == "deleted-run" ? " (taken away again)" : ""))
        }
        if lines.isEmpty {
            lines = record.findings.flatMap(\.matches).prefix(3).map {
                "<q><mark>\(html($0.text))</mark></q>"
            }
        }
        return lines.isEmpty ? "not typed; see below" : lines.joined(separator: "<br>")
    }

    private var ruleTitles: String {
        var seen: Set<String> = []
        return record.findings.filter { seen.insert($0.rule).inserted }.prefix(4)
            .map { html($0.title) }.joined(separator: "<br>")
    }

    private var urgency: String { gravest.map { html(PlainWords.severity($0.severity)) } ?? "none" }

    /// Times of the first and last event that a finding rests on.
    private var matchTimes: (first: LocalTime, last: LocalTime)? {
        let times = timeline.entries.compactMap { entry -> Instant? in
            guard Tables.role(of: entry, in: record) == "match" else { return nil }
            return entry.disclosure.envelope.map { Instant(milliseconds: $0.wallMilliseconds) }
        }
        guard let first = times.min(), let last = times.max() else { return nil }
        return (LocalTime(first), LocalTime(last))
    }

    private var when: String {
        guard let (first, last) = matchTimes else { return "not known" }
        return first.iso == last.iso
            ? html(first.full) : "from \(html(first.full))<br>to \(html(last.full))"
    }

    private var why: String {
        var seen: Set<String> = []
        let findings = record.findings.filter { seen.insert($0.rule).inserted }
        guard !findings.isEmpty else { return "" }
        return """
            <section aria-labelledby="why">
            <h2 id="why">Why it was flagged</h2>
            \(findings.map(rule).joined(separator: "\n"))
            </section>
            """
    }

    private func rule(_ finding: FindingRecord) -> String {
        let explanation = rules.first { $0.id == finding.rule }?.explanation ?? ""
        let reasons = finding.reasons.map { "<li>\(html($0))</li>" }.joined()
        return """
            <article class="rule">
            <h3>\(html(finding.title))</h3>
            \(explanation.isEmpty ? "" : "<p>\(html(explanation))</p>")
            \(reasons.isEmpty ? "" : "<ul>\(reasons)</ul>")
            <p class="small">Theme: \(html(PlainWords.theme(finding.theme))). \
            Urgency: \(html(PlainWords.severity(finding.severity))). \
            Rule version \(html(finding.ruleVersion)), pack \(html(finding.packVersion)). \
            Exact text: <code>rules/\(html(finding.rule)).yml</code>, SHA-256 \
            <code class="hash">\(html(finding.ruleHash))</code></p>
            </article>
            """
    }

    private var foot: String {
        """
        <footer>
        <p class="small">This page was made from the files beside it and holds nothing else. It needs \
        no network and runs no program. Bundle \(html(record.bundle)), layout \
        \(BundleLayout.version).</p>
        </footer>
        """
    }
}

/// The look of the start page: calm, legible, contrast of at least 7 to 1 for text, and good on A4.
enum StartPageStyle {
    static let sheet = """
        :root { color-scheme: light; --ink: #1b2430; --soft: #46525f; --line: #d5dbe1; --tint: #f4f6f8;
          --blue: #1d4a73; --mark: #ffe8a3; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #fff; color: var(--ink);
          font: 17px/1.55 "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif; }
        main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
        header { border-bottom: 3px solid var(--blue); padding-bottom: 1rem; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: .2rem 0 .4rem; text-wrap: balance; }
        h2 { font-size: 1.3rem; margin: 2.4rem 0 .7rem; color: var(--blue); }
        h3 { font-size: 1.05rem; margin: 0 0 .3rem; }
        p, ul { margin: .5rem 0; }
        .school { margin: 0; color: var(--soft); font-weight: 600; }
        .bundle, .small { color: var(--soft); font-size: .88rem; }
        .lead { font-size: 1.05rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        th { font-weight: 600; }
        .facts th { width: 12rem; color: var(--soft); }
        ol.words { list-style: none; margin: 1rem 0; padding: 0; }
        .passage { border-left: 4px solid var(--line); padding: .5rem 0 .5rem 1rem; margin: .9rem 0; }
        .passage.match { border-left-color: var(--blue); background: var(--tint); padding-right: 1rem; }
        .passage .where { color: var(--soft); font-size: .88rem; margin: 0; }
        .passage .flag { color: var(--blue); font-weight: 600; }
        dl { margin: .3rem 0 0; display: grid; grid-template-columns: 7.5rem 1fr; gap: .15rem .8rem; }
        dt { color: var(--soft); font-size: .88rem; padding-top: .12rem; }
        dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
        q { quotes: "\\201C" "\\201D"; white-space: pre-wrap; }
        a { color: var(--blue); }
        mark { background: var(--mark); color: #1b2430; padding: 0 .1em; font-weight: 600; }
        .sign { color: #7a2b00; font-size: .85em; }
        .gap { color: var(--soft); font-style: italic; margin: .9rem 0; }
        .rule { border: 1px solid var(--line); border-radius: 6px; padding: .9rem 1.1rem; margin: .9rem 0; }
        code { font: .9em/1.4 Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .print { border: 2px solid var(--blue); border-radius: 6px; padding: .9rem 1.1rem; margin: 1rem 0; }
        .print code { font-size: 1.02em; font-weight: 600; }
        footer { margin-top: 2.5rem; border-top: 1px solid var(--line); }
        @media (max-width: 34rem) { dl { grid-template-columns: 1fr; } .facts th { width: 8rem; } }
        @page { size: A4; margin: 18mm 16mm; }
        @media print {
          body { font-size: 10.5pt; }
          main { max-width: none; padding: 0; }
          h2, h3 { break-after: avoid; }
          .passage, .rule, .print, tr { break-inside: avoid; }
          .passage.match, mark { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        }
        """
}

/// Colours and type of the morning report: quiet, readable on screen and on A4 paper.
///
/// Every pair of text and background that the style uses is listed here and tested to have the
/// contrast of WCAG 2.2 AA. Nothing is said by colour alone: severity is also a word and a number.
enum ReportStyle {
    /// A colour as `#rrggbb`.
    typealias Colour = String

    static let paper: Colour = "#ffffff"
    static let page: Colour = "#f5f4f0"
    static let ink: Colour = "#22262b"
    static let quiet: Colour = "#565d66"
    static let line: Colour = "#dcdad3"
    static let accent: Colour = "#1f5a5c"
    static let urgent: Colour = "#9c1f2e"
    static let soon: Colour = "#8a4b08"
    static let week: Colour = "#1f5a5c"
    static let urgentTint: Colour = "#fbeef0"
    static let soonTint: Colour = "#fcf3e6"
    static let weekTint: Colour = "#eaf3f2"

    /// Text on background, as used below.
    static let pairs: [(text: Colour, background: Colour)] = [
        (ink, paper), (ink, page), (quiet, paper), (quiet, page), (accent, paper),
        (urgent, urgentTint), (soon, soonTint), (week, weekTint), (ink, urgentTint),
        (ink, soonTint), (ink, weekTint), (paper, urgent), (paper, soon), (paper, week),
        (paper, quiet), (quiet, urgentTint), (quiet, soonTint), (quiet, weekTint),
    ]

    /// The style sheet.
    static let sheet: HTML = """
        :root { color-scheme: light; }
        * { box-sizing: border-box; }
        body { margin: 0; background: \(page); color: \(ink);
          font: 1rem/1.55 "Source Sans 3", "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 54rem; margin: 2rem auto; padding: 2.5rem 3rem; background: \(paper);
          border: 1px solid \(line); border-radius: .5rem; }
        h1, h2, h3 { line-height: 1.25; font-weight: 600; text-wrap: balance; }
        h1 { font-size: 1.9rem; margin: 0 0 .25rem; }
        h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: 1.25rem;
          border-top: 1px solid \(line); }
        h3 { font-size: 1.05rem; margin: 0; }
        p { margin: .4rem 0; max-width: 44rem; }
        .kicker { color: \(accent); font-weight: 600; margin: 0 0 .25rem; }
        .quiet { color: \(quiet); }
        .lead { font-size: 1.15rem; margin-top: 1rem; }
        .entry { border: 1px solid \(line); border-left: .4rem solid \(quiet); border-radius: .35rem;
          padding: .9rem 1.1rem; margin: .8rem 0; break-inside: avoid; }
        .entry.s5 { border-left-color: \(urgent); background: \(urgentTint); }
        .entry.s4 { border-left-color: \(soon); background: \(soonTint); }
        .entry.s3 { border-left-color: \(week); background: \(weekTint); }
        .badge { display: inline-block; padding: .05rem .6rem; margin-right: .5rem;
          border-radius: 1rem; color: \(paper); background: \(quiet); font-size: .85rem;
          font-weight: 600; }
        .s5 .badge { background: \(urgent); }
        .s4 .badge { background: \(soon); }
        .s3 .badge { background: \(week); }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem;
          margin: .6rem 0 0; }
        dt { color: \(quiet); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .glance { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1.25rem 0 0; }
        .glance div { display: flex; flex-direction: column-reverse; }
        .glance dd { font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .glance dt { font-size: .9rem; }
        a { color: \(accent); }
        table { border-collapse: collapse; width: 100%; margin: .8rem 0;
          font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
          border-bottom: 1px solid \(line); overflow-wrap: anywhere; }
        thead th { color: \(quiet); font-weight: 600; overflow-wrap: normal; }
        .id { white-space: nowrap; }
        tbody th { font-weight: 400; }
        td.number, th.number { text-align: right; }
        tr { break-inside: avoid; }
        .warning { border-left: .25rem solid \(soon); padding-left: .8rem; }
        pre { background: \(page); border: 1px solid \(line); border-radius: .35rem;
          padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
          font: .82rem/1.5 "DejaVu Sans Mono", Consolas, monospace; }
        code { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: .88em;
          overflow-wrap: anywhere; }
        ul { padding-left: 1.2rem; } li { margin: .25rem 0; max-width: 44rem; }
        @media (max-width: 40rem) { main { margin: 0; padding: 1.25rem; border: 0; } }
        @page { size: A4; margin: 16mm 15mm 18mm; }
        @media print {
          body { background: \(paper); font-size: 10pt; }
          main { margin: 0; padding: 0; border: 0; max-width: none; }
          h2 { break-after: avoid; }
          .entry, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}

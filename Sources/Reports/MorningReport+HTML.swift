import Events

/// The morning report as a page: one file, no script, nothing loaded from elsewhere.
///
/// It opens from disk in any browser, reads well without colour, and prints on A4.
extension MorningReport {
    /// The page.
    public func html() -> String {
        let title: HTML = "Morning report, \(longDay)"
        let page: HTML = """
            <!doctype html>
            <html lang="en-GB">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>\(title)</title>
            <style>
            \(ReportStyle.sheet)
            </style>
            </head>
            <body>
            <main>
            \(heading)
            \(needsAPerson)
            \(lessUrgent)
            \(stillOpen)
            \(recorded)
            \(counts)
            \(howMade)
            \(limits)
            </main>
            </body>
            </html>

            """
        return page.markup
    }

    private var longDay: String { CivilDate(day).map(LondonTime.longDate) ?? day }

    private var heading: HTML {
        """
        <header>
        <p class="kicker">\(school)</p>
        <h1>Morning report</h1>
        <p class="quiet">School day \(longDay). Made \(moment(made)).</p>
        <p class="lead">\(leadSentence)</p>
        \(coverageSentence)
        \(glance)
        </header>
        """
    }

    /// The day in five numbers.
    private var glance: HTML {
        let numbers: [(String, Int)] = [
            ("need a person today", today.count), ("for this week", thisWeek.count),
            ("to keep an eye on", watch.count), ("machines recorded", coverage.machines.count),
            ("machines silent", coverage.silent.count),
        ]
        let cells: [HTML] = numbers.map {
            "<div><dt>\($0.0)</dt><dd>\(Plural.grouped($0.1))</dd></div>"
        }
        return "<dl class=\"glance\">\(cells)</dl>"
    }

    /// The first sentence a reader meets; it never says that nothing happened (P50).
    private var leadSentence: String {
        let now = today.filter { $0.severity >= 5 }.count
        if incidents.isEmpty {
            return coverage.machines.isEmpty
                ? "Nothing was recorded on this day, so nothing can be said about it."
                : "No possible incident came out of what was recorded on this day."
        }
        if today.isEmpty {
            return "No possible incident of this day needs a person today; "
                + "\(Plural.of(incidents.count, "is", "are")) listed for later."
        }
        let urgent = now == 0 ? "" : ", \(now) of them at once"
        return "\(Plural.of(today.count, "possible incident needs", "possible incidents need")) "
            + "a person today\(urgent)."
    }

    private var coverageSentence: HTML {
        if coverage.isComplete { return .nothing }
        var missing: [String] = []
        if coverage.machines.isEmpty { missing.append("no machine sent anything") }
        if !coverage.silent.isEmpty {
            missing.append(
                Plural.of(coverage.silent.count, "machine was silent", "machines were silent"))
        }
        if !coverage.gaps.isEmpty {
            missing.append(
                Plural.of(coverage.missing, "event is missing", "events are missing"))
        }
        if !coverage.withoutNotice.isEmpty {
            let sessions = coverage.withoutNotice.reduce(0) { $0 + $1.sessions }
            missing.append(
                Plural.of(sessions, "session has no notice", "sessions have no notice"))
        }
        return """
            <p class="warning">The record has holes: \(missing.joined(separator: ", ")). \
            See <a href="#recorded">what was recorded</a>.</p>
            """
    }

    // MARK: Incidents

    private var needsAPerson: HTML {
        guard !today.isEmpty else { return .nothing }
        return """
            <section aria-labelledby="today">
            <h2 id="today">Needs a person today</h2>
            \(today.map(Self.card))
            </section>
            """
    }

    private var lessUrgent: HTML {
        var sections: [HTML] = []
        if !thisWeek.isEmpty {
            sections.append(
                """
                <section aria-labelledby="week">
                <h2 id="week">To look at this week</h2>
                \(thisWeek.map(Self.card))
                </section>
                """)
        }
        if !watch.isEmpty {
            sections.append(
                """
                <section aria-labelledby="watch">
                <h2 id="watch">To keep an eye on</h2>
                \(watch.map(Self.card))
                </section>
                """)
        }
        return HTML(sections)
    }

    private static func card(_ entry: Entry) -> HTML {
        """
        <article class="entry s\(entry.severity)">
        <h3><span class="badge">\(entry.severity) \(entry.deadline)</span>\
        \(entry.id), student \(entry.student)</h3>
        <p>\(entry.summary)</p>
        <p class="quiet">\(entry.reasons.joined(separator: " "))</p>
        <dl class="facts">
        <dt>Refer to</dt><dd>\(entry.contact), \(entry.procedure) procedure</dd>
        <dt>Findings</dt><dd>\(Plural.of(entry.findings, "finding", "findings")) in all, \
        \(Plural.grouped(entry.findingsToday)) on this day</dd>
        <dt>When</dt><dd>\(period(entry.first, entry.last))</dd>
        </dl>
        </article>
        """
    }

    private var stillOpen: HTML {
        guard !earlier.isEmpty || olderCount > 0 else { return .nothing }
        let rows: [HTML] = earlier.map {
            """
            <tr><th scope="row" class="id">\($0.id)</th><td class="id">\($0.student)</td>\
            <td>\($0.severity) \($0.deadline)</td><td>\($0.summary)</td><td>\(moment($0.last))</td></tr>
            """
        }
        let table = Self.table(
            "Open, without a finding of this day",
            ["Incident", "Student", "Severity", "What", "Last finding"], rows)
        let older: HTML =
            olderCount == 0
            ? .nothing
            : """
            <p>\(Plural.of(olderCount, "older incident is", "older incidents are")) \
            open as well: their last finding lies more than \
            \(ReportsLimits.openIncidentDays) days back.</p>
            """
        return """
            <section aria-labelledby="open">
            <h2 id="open">Still open from earlier days</h2>
            \(earlier.isEmpty ? .nothing : table)
            \(older)
            </section>
            """
    }

    // MARK: Coverage

    private var recorded: HTML {
        """
        <section aria-labelledby="recorded">
        <h2 id="recorded">What was recorded, and what was not</h2>
        <p>\(Plural.of(coverage.events, "event", "events")) from \
        \(Plural.of(coverage.machines.count, "machine", "machines")) in \
        \(Plural.of(coverage.sessions, "login session", "login sessions")).</p>
        \(silentMachines)
        \(missingEvents)
        \(withoutNotice)
        \(clockOffsets)
        \(machineTable)
        </section>
        """
    }

    private var silentMachines: HTML {
        guard !coverage.silent.isEmpty else { return .nothing }
        return Self.table(
            "Machines seen in the last \(ReportsLimits.silenceDays) days that sent nothing",
            ["Machine", "Last seen"],
            coverage.silent.map {
                "<tr><th scope=\"row\">\($0.name)</th><td>\(moment($0.lastSeen))</td></tr>"
            })
    }

    private var missingEvents: HTML {
        guard !coverage.gaps.isEmpty else { return .nothing }
        let listed = coverage.gaps.prefix(ReportsLimits.gapsListedMaximum)
        let rest = coverage.gaps.count - listed.count
        let table = Self.table(
            "Events that were numbered and never arrived",
            ["Device", "Machine", "Numbers", "Events"],
            listed.map {
                """
                <tr><th scope="row">\($0.device)</th><td>\($0.machine)</td>\
                <td>\($0.first) to \($0.last)</td><td class="number">\(Plural.grouped($0.count))</td></tr>
                """
            }, numbers: ["Events"])
        guard rest > 0 else { return table }
        return "\(table)<p>And \(Plural.of(rest, "more range", "more ranges")).</p>"
    }

    private var withoutNotice: HTML {
        guard !coverage.withoutNotice.isEmpty else { return .nothing }
        return Self.table(
            "Sessions in which no monitoring notice was recorded", ["Machine", "Sessions"],
            coverage.withoutNotice.map {
                """
                <tr><th scope="row">\($0.machine)</th><td class="number">\(Plural.grouped($0.sessions))</td></tr>
                """
            }, numbers: ["Sessions"])
    }

    private var clockOffsets: HTML {
        guard !coverage.clocks.isEmpty else { return .nothing }
        return Self.table(
            "Machines whose clock is ahead, or whose events all arrived late",
            ["Device", "Machine", "What was measured"],
            coverage.clocks.map {
                """
                <tr><th scope="row">\($0.device)</th><td>\($0.machine)</td>\
                <td>\(Self.measured($0.milliseconds))</td></tr>
                """
            })
    }

    /// What the least delay of a machine says about its clock.
    private static func measured(_ milliseconds: Int64) -> String {
        let length = Plural.duration(milliseconds: milliseconds)
        return milliseconds < 0
            ? "its clock is at least \(length) ahead"
            : "events arrived at least \(length) late: it was offline, or its clock is behind"
    }

    private var machineTable: HTML {
        guard !coverage.machines.isEmpty else { return .nothing }
        return Self.table(
            "Machines that sent events of the day",
            ["Machine", "Events", "Sessions", "Accounts", "First", "Last"],
            coverage.machines.map {
                """
                <tr><th scope="row">\($0.name)</th><td class="number">\(Plural.grouped($0.events))</td>\
                <td class="number">\(Plural.grouped($0.sessions))</td><td class="number">\(Plural.grouped($0.accounts))</td>\
                <td>\(clock($0.first))</td><td>\(clock($0.last))</td></tr>
                """
            }, numbers: ["Events", "Sessions", "Accounts"])
    }

    // MARK: Counts and how it was made

    private var counts: HTML {
        let risks: [HTML] = self.risks.map {
            "<tr><th scope=\"row\">\($0.risk)</th><td class=\"number\">\(Plural.grouped($0.findings))</td></tr>"
        }
        let themes: [HTML] = self.themes.map {
            """
            <tr><th scope="row">\($0.name)</th><td>\($0.risk)</td>\
            <td class="number">\(Plural.grouped($0.findings))</td><td class="number">\(Plural.grouped($0.students))</td></tr>
            """
        }
        let byTheme = Self.table(
            "By theme", ["Theme", "Risk", "Findings", "Students"], themes,
            numbers: ["Findings", "Students"])
        return """
            <section aria-labelledby="counts">
            <h2 id="counts">Findings of the day</h2>
            <p class="quiet">Findings for the record only, such as swearing, are counted here and \
            never make an incident.</p>
            \(Self.table("By the four Cs", ["Risk", "Findings"], risks, numbers: ["Findings"]))
            \(themes.isEmpty ? .nothing : byTheme)
            </section>
            """
    }

    private var howMade: HTML {
        let damage: HTML =
            store.damage.isEmpty
            ? .nothing : "<ul>\(store.damage.map { "<li>\($0)</li>" as HTML })</ul>"
        return """
            <section aria-labelledby="made">
            <h2 id="made">How this report was made</h2>
            <p>Rules: \(rules.version), \(Plural.of(rules.rules, "rule", "rules")), \
            SHA-256 <code>\(rules.hash)</code>.</p>
            <p\(store.isWhole ? .nothing : " class=\"warning\"" as HTML)>Store: \(store.summary)</p>
            \(damage)
            <p>Key that signs evidence, to compare with every bundle: \
            <code>\(issuerFingerprint)</code></p>
            <p>Newest checkpoint of the record. Keep this page: with it anybody can show later \
            whether the record was rewritten.</p>
            <pre>\(Self.lines(checkpoint))</pre>
            </section>
            """
    }

    private var limits: HTML {
        """
        <section aria-labelledby="limits">
        <h2 id="limits">What this report does not show</h2>
        <ul>
        \(notCovered.map { "<li>\($0)</li>" as HTML })
        </ul>
        </section>
        """
    }

    // MARK: Pieces

    private static func table(
        _ caption: String, _ columns: [String], _ rows: [HTML], numbers: Set<String> = []
    ) -> HTML {
        let heads: [HTML] = columns.map {
            numbers.contains($0)
                ? "<th scope=\"col\" class=\"number\">\($0)</th>" : "<th scope=\"col\">\($0)</th>"
        }
        return """
            <table>
            <caption>\(caption)</caption>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            """
    }

    /// Lines of a text kept as lines, each escaped.
    private static func lines(_ text: String) -> HTML {
        HTML(text.split(separator: "\n", omittingEmptySubsequences: false).map { "\(String($0))" })
    }
}

/// `24 November, 09:05 GMT`; what is no time is shown as it is.
private func moment(_ text: String) -> String {
    Instant(rfc3339: text).map(LondonTime.dateAndClock) ?? text
}

/// From one moment to another, or the one moment that both are.
private func period(_ first: String, _ last: String) -> String {
    let (start, end) = (moment(first), moment(last))
    return start == end ? start : "\(start), to \(end)"
}

/// `09:05`; what is no time is shown as it is.
private func clock(_ text: String) -> String {
    Instant(rfc3339: text).map(LondonTime.clock) ?? text
}

/// Numbers in sentences.
enum Plural {
    /// `1 event`, `2 events`, `1,000,000 events`.
    static func of(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(grouped(count)) \(count == 1 ? one : many)"
    }

    /// `45 s`, `12 min`, `7 h`, `3 days`: the largest unit that fits, cut to a whole number.
    static func duration(milliseconds: Int64) -> String {
        let seconds = milliseconds.magnitude / 1_000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(grouped(seconds / 86_400)) days"
        }
    }

    /// Digits in groups of three.
    static func grouped(_ count: some BinaryInteger) -> String {
        var out = ""
        for (index, digit) in String(count).reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { out.append(",") }
            out.append(digit)
        }
        return String(out.reversed())
    }
}

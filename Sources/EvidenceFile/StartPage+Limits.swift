import Events

/// What the page does not show, and how to see that the rest is genuine.
extension StartPage {
    var notShown: String {
        let points = Limitations.points(record).map {
            "<li><strong>\(VisibleText.html($0.heading))</strong> \(VisibleText.html($0.text))</li>"
        }
        return """
            <section aria-labelledby="limits">
            <h2 id="limits">What this does not show</h2>
            <ul>
            \(points.joined(separator: "\n"))
            </ul>
            \(disturbances)
            </section>
            """
    }

    private var disturbances: String {
        var rows: [String] = []
        for window in record.windows {
            for gap in window.gaps {
                rows.append(
                    "Batches \(gap.firstBatch) to \(gap.lastBatch) of \(window.device) never arrived: "
                        + gap.cause)
            }
        }
        for entry in timeline.entries {
            guard let event = entry.event, let text = EventWords.disturbance(event.body) else {
                continue
            }
            rows.append("\(LocalTime(event.time).full): \(text)")
        }
        guard !rows.isEmpty else {
            return "<p>No gaps, restarts or filter changes are recorded in this window.</p>"
        }
        let items = rows.map { "<li>\(VisibleText.html($0))</li>" }.joined(separator: "\n")
        return "<h3>Gaps, restarts and filter changes in this window</h3>\n<ul>\n\(items)\n</ul>"
    }

    var genuine: String {
        """
        <section aria-labelledby="genuine">
        <h2 id="genuine">Check that this is genuine</h2>
        <div class="print">
        <p>Compare this fingerprint with one that did not come with the bundle, for instance the one \
        printed in the school\u{2019}s e-safety policy:</p>
        <p><code>\(VisibleText.html(fingerprint))</code></p>
        </div>
        <p>HOW-TO-VERIFY.txt tells how to check every file, signature and proof with public tools. \
        The proofs cover \(PlainWords.count(batchCount, "batch", plural: "batches")) \
        of events (\(timeline.entries.count) in all). Newest checkpoint of the log \
        <code>\(VisibleText.html(record.checkpoints.origin))</code>: size \
        \(record.checkpoints.latest), root \
        <code class="hash">\(VisibleText.html(record.checkpoints.latestRoot))</code>.</p>
        \(anchors)
        </section>
        """
    }

    private var anchors: String {
        guard !record.anchors.isEmpty else {
            return "<p>Nobody outside the collector is recorded as holding a checkpoint.</p>"
        }
        let rows = record.anchors.map {
            "<li>\(VisibleText.html($0.kind)): \(VisibleText.html($0.holder)), "
                + "\(VisibleText.html($0.time)), size \($0.size)</li>"
        }
        return "<p>Also held by:</p>\n<ul>\n\(rows.joined(separator: "\n"))\n</ul>"
    }

    var files: String {
        let rows = [
            ("START-HERE.html", "this page"),
            ("text.csv", "everything that was typed in the window, passage by passage"),
            ("events.csv", "every event of the window, withheld ones as such"),
            ("custody.csv", "who touched this evidence"),
            ("incident.json", "the same facts for a program"),
            ("rules", "the exact text of the rules that matched"),
            ("LIMITATIONS.txt", "what this evidence does not show"),
            ("HOW-TO-VERIFY.txt", "how to check it without us"),
            ("proof", "statements, events with their salts, proofs and checkpoints"),
        ].map { "<tr><td><code>\($0.0)</code></td><td>\($0.1)</td></tr>" }
        return """
            <section aria-labelledby="files">
            <h2 id="files">What is in the bundle</h2>
            <table>
            <tr><th scope="col">File or folder</th><th scope="col">What it is</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            </section>
            """
    }
}

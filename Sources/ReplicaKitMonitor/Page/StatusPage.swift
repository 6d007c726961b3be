import Hummingbird
import ReplicaKit

/// The page for people at `/`: a frame that its script fills from `/api/status`, again and again.
///
/// Everything is in the page itself. What the servers say is only ever put in as text, and the policy that comes with
/// the page lets the browser run and load nothing else.
struct StatusPage: Sendable {
    let sets: [ReplicaSetName]

    func response() -> Response {
        // New for each answer, so that nothing that got into the page could know it.
        let nonce = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
        var response = Response(text: html(nonce: nonce), type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return response
    }

    func html(nonce: String) -> String {
        let links = sets.map { name in
            let text = Self.escaped(name.rawValue)
            return "<li><a href=\"#\(text)\" data-set=\"\(text)\"><span class=\"mark\" aria-hidden=\"true\"></span>"
                + "<span>\(text)</span><span class=\"hidden\"></span></a></li>"
        }
        return Self.frame
            .replacing("{{nonce}}", with: nonce)
            .replacing("{{style}}", with: Self.style)
            .replacing("{{script}}", with: Self.plots + Self.script)
            .replacing("{{sets}}", with: links.joined())
    }

    /// Text that stays text, also in an attribute.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }

    private static let frame = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>Replica sets</title>
        <link rel="icon" href="data:,">
        <style nonce="{{nonce}}">{{style}}</style>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the state of the set</a>
        <header>
          <div class="bar">
            <p class="brand">ReplicaKit</p>
            <nav aria-label="Replica sets"><ul id="sets">{{sets}}</ul></nav>
            <p id="freshness" class="fresh"><span class="dot" aria-hidden="true"></span><span id="age">Loading</span></p>
          </div>
        </header>
        <main id="main" tabindex="-1">
          <noscript><p class="notice bad">This page needs JavaScript. The same is in
            <a href="api/status">/api/status</a> and <a href="metrics">/metrics</a>.</p></noscript>
          <p id="notice" class="notice bad" role="alert" hidden></p>
          <div class="title">
            <h1 id="name">Replica set</h1>
            <p id="verdict" class="pill" role="status"></p>
          </div>
          <div id="seen" hidden>
          <dl class="tiles">
            <div><dt>Primary</dt><dd id="primary">…</dd><dd id="primary-note" class="note"></dd></div>
            <div><dt>Members that answer</dt><dd id="answering">…</dd><dd id="majority" class="note"></dd></div>
            <div><dt>Largest lag</dt><dd id="lag">…</dd><dd id="lag-note" class="note"></dd></div>
            <div><dt>Oplog window</dt><dd id="window">…</dd><dd id="window-note" class="note"></dd></div>
          </dl>
          <section aria-labelledby="findings-title">
            <h2 id="findings-title">Findings</h2>
            <ul id="findings" class="findings"></ul>
            <details id="silenced-box"><summary id="silenced-title"></summary><ul id="silenced" class="plain"></ul></details>
            <details id="unjudged-box"><summary id="unjudged-title"></summary><ul id="unjudged" class="plain"></ul></details>
          </section>
          <div class="columns">
            <section aria-labelledby="topology-title">
              <h2 id="topology-title">Topology</h2>
              <div id="topology" class="tree"></div>
            </section>
            <section aria-labelledby="events-title">
              <h2 id="events-title">Recent events</h2>
              <ol id="events" class="events" tabindex="0" aria-labelledby="events-title"></ol>
            </section>
          </div>
          <section aria-labelledby="members-title">
            <h2 id="members-title">Members</h2>
            <table>
              <thead><tr><th scope="col">Member</th><th scope="col">State</th><th scope="col">Lag</th>
                <th scope="col">Votes, priority</th><th scope="col">Answers in</th><th scope="col">Running for</th>
                <th scope="col">Version</th></tr></thead>
              <tbody id="members"></tbody>
            </table>
          </section>
          <section aria-labelledby="history-title">
            <div class="title">
              <h2 id="history-title">History</h2>
              <div class="ranges" role="group" aria-label="Time shown">
                <button type="button" data-minutes="15" aria-pressed="false">15 min</button>
                <button type="button" data-minutes="60" aria-pressed="true">1 h</button>
                <button type="button" data-minutes="360" aria-pressed="false">6 h</button>
              </div>
            </div>
            <div class="plots">
              <figure><figcaption>Replication lag</figcaption><ul class="legend" id="lag-legend"></ul>
                <svg id="lag-plot" class="plot" role="img" tabindex="0"></svg>
                <p class="readout" id="lag-plot-readout" aria-live="polite"></p></figure>
              <figure><figcaption>Oplog window</figcaption><ul class="legend" id="window-legend"></ul>
                <svg id="window-plot" class="plot" role="img" tabindex="0"></svg>
                <p class="readout" id="window-plot-readout" aria-live="polite"></p></figure>
              <figure class="wide"><figcaption>States</figcaption><ul class="legend" id="state-legend"></ul>
                <svg id="state-plot" class="lanes" role="img" tabindex="0"></svg>
                <p class="readout" id="state-plot-readout" aria-live="polite"></p></figure>
            </div>
          </section>
          </div>
        </main>
        <footer><p>From the monitor's last looks: <a href="api/status">JSON</a>, <a href="metrics">metrics</a>.
          Times are those of this browser.</p></footer>
        <script nonce="{{nonce}}">{{script}}</script>
        </body>
        </html>
        """#
}

extension StatusPage {
    /// Fetches the state and fills the page with it. What comes from servers becomes text, never markup.
    static let script = #"""
        const byID = id => document.getElementById(id);
        const links = [...document.querySelectorAll("#sets a")];
        const signs = { ok: ["ok", "✓", "Healthy"], info: ["info", "i", "Info"], unknown: ["none", "?", "Unknown"],
          warning: ["warn", "!", "Warning"], critical: ["bad", "✕", "Critical"] };
        const roles = { PRIMARY: ["ok", "★"], SECONDARY: ["info", "●"], ARBITER: ["none", "◆"], between: ["warn", "▲"],
          down: ["bad", "✕"] };
        const eventSigns = { primaryElected: ["ok", "★"], primaryLost: ["bad", "✕"], primaryBack: ["ok", "★"],
          memberUnreachable: ["bad", "✕"], memberReachable: ["ok", "✓"], stateChanged: ["info", "●"],
          restarted: ["warn", "↻"], memberAdded: ["info", "+"], memberRemoved: ["info", "−"], configChanged: ["info", "✎"],
          findingAppeared: ["warn", "!"], findingChanged: ["warn", "!"], findingResolved: ["ok", "✓"] };
        let chosen = null, answer = null, answeredAt = 0, problem = null, minutes = 60, timer = 0, asking = null;

        function choose() {
          let wanted = "";
          try { wanted = decodeURIComponent(location.hash.slice(1)); } catch { /* not one of ours */ }
          const link = links.find(link => link.dataset.set === wanted) ?? (chosen === null ? links[0] : null);
          if (!link || link.dataset.set === chosen) return;
          chosen = link.dataset.set; answer = null;
          for (const one of links) {
            if (one === link) one.setAttribute("aria-current", "page"); else one.removeAttribute("aria-current");
          }
          for (const plot of document.querySelectorAll("svg[role=img]")) delete plot.dataset.at;
          byID("name").textContent = chosen; byID("seen").hidden = true; byID("verdict").textContent = "";
          byID("verdict").className = "pill";
          ask();
        }

        async function ask() {
          clearTimeout(timer); asking?.abort();
          const control = asking = new AbortController();
          const limit = setTimeout(() => control.abort(), 10000);
          try {
            const reply = await fetch(`api/status?set=${encodeURIComponent(chosen)}`, { signal: control.signal,
              cache: "no-store" });
            if (!reply.ok) throw new Error(`the monitor answered ${reply.status}`);
            const found = await reply.json();
            if (control !== asking) return;
            answer = found; answeredAt = Date.now(); problem = null;
            render();
          } catch (error) {
            if (control !== asking) return;
            problem = control.signal.aborted ? "the monitor did not answer in time"
              : error instanceof TypeError ? "the monitor cannot be reached" : error.message;
          } finally {
            clearTimeout(limit);
          }
          renderFreshness();
          timer = setTimeout(ask, 1000 * Math.min(5, Math.max(1, answer?.intervalSeconds ?? 2)));
        }

        /* Touches only what changed, so that nothing jumps and screen readers hear only news. */
        function put(id, text) { const node = byID(id); if (node.textContent !== text) node.textContent = text; }
        function badge([kind, sign], text) {
          return make("span", { class: `badge ${kind}` }, make("span", { "aria-hidden": "true" }, sign), text);
        }
        function fill(id, key, build) {
          const node = byID(id), text = JSON.stringify(key);
          if (node.dataset.key === text) return;
          node.dataset.key = text; node.replaceChildren(...build());
        }
        const title = member => member.name ?? member.host;
        const one = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

        function renderFreshness() {
          const set = answer?.sets[0], fresh = byID("freshness");
          const age = set ? set.ageSeconds + (Date.now() - answeredAt) / 1000 : null;
          fresh.className = `fresh ${problem || set?.stale ? "lost" : set ? "live" : ""}`;
          byID("age").textContent = age === null ? (problem ? "No answer" : "Loading") : !set.report ? "Not seen yet"
            : `${problem || set.stale ? "Not live: seen" : "Live: seen"} ${span(Math.round(age))} ago`;
          let text = "";
          if (problem) text = `What is shown may be old: ${problem}.`;
          else if (set?.error) text = `The set cannot be looked at: ${set.error.message}. ${set.error.hint ?? ""}`;
          else if (set?.stale) text = "The last look is old: the monitor does not get to look at the set.";
          byID("notice").hidden = !text; put("notice", text);
        }

        function render() {
          const set = answer.sets[0];
          for (const link of links) {
            const glance = answer.overview.find(glance => glance.set === link.dataset.set);
            const [kind, sign, word] = signs[glance?.status] ?? signs.unknown;
            link.querySelector(".mark").className = `mark ${kind}`;
            link.querySelector(".mark").textContent = sign;
            link.querySelector(".hidden").textContent = `, ${word}`;
            if (glance?.set === chosen) {
              byID("verdict").className = `pill ${kind}`;
              put("verdict", `${sign} ${word}`);
              document.title = `${sign} ${chosen} ${word}`;
            }
          }
          byID("seen").hidden = !set.report;
          if (!set.report) return;
          renderTiles(set); renderFindings(set.report); renderTopology(set.status); renderMembers(set.status);
          renderEvents(set.events); renderHistory(set);
        }

        function renderTiles(set) {
          const status = set.status, members = status.members;
          const primary = members.find(member => member.host === status.primary);
          put("primary", primary ? title(primary) : "None");
          const since = set.primarySince ? new Date(set.primarySince) : null;
          put("primary-note", primary ? (since ? `since ${moment(since)}, ` : "") + `term ${status.term}`
            : "nobody accepts writes for certain");
          const answering = members.filter(member => member.reachable).length;
          put("answering", `${answering} of ${members.length}`);
          put("majority", status.majorityReachable ? "a majority of the voters is there" : "no majority: no primary");
          const lags = members.filter(member => member.lagSeconds !== null);
          const worst = lags.reduce((a, b) => b.lagSeconds > (a?.lagSeconds ?? -1) ? b : a, null);
          put("lag", worst ? span(worst.lagSeconds) : "Unknown");
          put("lag-note", worst ? (worst.lagSeconds > 0 ? title(worst) : "all that answer have the newest write") : "there is no primary");
          const isKnown = status.oplogWindowSeconds !== null;
          put("window", isKnown ? span(status.oplogWindowSeconds) : "Unknown");
          put("window-note", isKnown ? "for how long a member may be away" : "no member tells");
        }

        function finding(entry) {
          const [kind, sign, word] = signs[entry.severity] ?? signs.unknown;
          const evidence = Object.entries(entry.evidence).map(([name, value]) =>
            `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
          return make("li", { class: entry.severity },
            make("p", { class: "meta" }, badge([kind, sign], word), make("span", {}, entry.priority),
              entry.member ? make("b", {}, entry.member) : null, make("span", {}, entry.rule)),
            make("p", { class: "message" }, entry.message),
            evidence.length ? make("p", { class: "evidence" }, evidence.join(" · ")) : null,
            entry.remedy ? make("p", { class: "remedy" }, make("b", {}, "What to do: "), entry.remedy) : null);
        }

        function renderFindings(report) {
          fill("findings", report.findings, () => report.findings.length ? report.findings.map(finding)
            : [make("li", { class: "calm" }, "✓ The rules find nothing wrong.")]);
          byID("silenced-box").hidden = !report.silenced.length;
          put("silenced-title", `${one(report.silenced.length, "finding")} silenced by the spec`);
          fill("silenced", report.silenced, () => report.silenced.map(entry => make("li", {}, entry.message)));
          byID("unjudged-box").hidden = !report.unjudged.length;
          put("unjudged-title", `${one(report.unjudged.length, "check")} could not be judged at this look`);
          fill("unjudged", report.unjudged, () => report.unjudged.map(entry =>
            make("li", {}, `${entry.rule}${entry.member ? `, ${entry.member}` : ""}: ${entry.why}`)));
        }

        function stateBadge(member) {
          const kind = look(member.state, member.reachable);
          return badge(roles[kind], member.reachable ? member.state ?? "UNKNOWN" : "DOES NOT ANSWER");
        }

        function traits(member) {
          const isOut = member.id === null && answer.sets[0].status.configVersion !== null;
          return [isOut ? "not in the config" : null, member.hidden ? "hidden" : null,
            member.delaySeconds ? `delayed by ${span(member.delaySeconds)}` : null,
            !member.votes && !isOut ? "does not vote" : null].filter(Boolean);
        }

        /* A tree by who replicates from whom, the primary at its root. */
        function renderTopology(status) {
          const shown = status.members.map(member => [title(member), member.host, member.state, member.reachable,
            member.syncSource, member.lagSeconds === null ? null : span(member.lagSeconds), member.host === status.primary,
            ...traits(member)]);
          fill("topology", shown, () => {
            const placed = new Set();
            const branch = member => {
              placed.add(member.host);
              const isPrimary = member.host === status.primary;
              const notes = [member.host, !isPrimary && member.reachable && member.lagSeconds !== null
                ? `${span(member.lagSeconds)} behind` : null, !member.reachable && member.state
                ? `others see it as ${member.state}` : null, ...traits(member)].filter(Boolean);
              const below = status.members.filter(other => other.syncSource === member.host && !placed.has(other.host)
                && other.host !== status.primary);
              below.forEach(other => placed.add(other.host));
              return make("li", {}, make("div", { class: `member${isPrimary ? " primary" : ""}${member.reachable ? "" : " away"}` },
                make("strong", {}, title(member)), stateBadge(member), make("span", { class: "meta" }, notes.join(" · "))),
                below.length ? make("ul", { "aria-label": `replicate from ${title(member)}` }, ...below.map(branch)) : null);
            };
            const first = status.members.filter(member => member.host === status.primary);
            const roots = first.map(branch);
            for (const member of status.members) {
              const hasSource = status.members.some(other => other.host === member.syncSource && other !== member);
              if (!placed.has(member.host) && !hasSource) roots.push(branch(member));
            }
            for (const member of status.members) if (!placed.has(member.host)) roots.push(branch(member));
            return [make("ul", {}, ...roots)];
          });
        }

        function renderMembers(status) {
          fill("members", status.members, () => status.members.map(member => {
            const cell = (label, ...content) => make("td", { "data-label": label }, ...content);
            return make("tr", {},
              make("th", { scope: "row" }, title(member), make("small", {}, member.host)),
              cell("State", stateBadge(member), member.error ? make("small", {}, member.error.message) : null),
              cell("Lag", member.arbiter ? "no data" : span(member.lagSeconds)),
              cell("Votes, priority", `${member.votes}, ${member.priority}`, make("small", {}, traits(member).join(", "))),
              cell("Answers in", member.pingSeconds === null ? "–" : `${(member.pingSeconds * 1000).toFixed(1)} ms`),
              cell("Running for", member.uptimeSeconds === null ? "–" : span(member.uptimeSeconds)),
              cell("Version", member.serverVersion === null ? "–" : member.serverVersion));
          }));
        }

        function renderEvents(events) {
          fill("events", events, () => events.length ? events.map(event => {
            const [kind, sign] = eventSigns[event.event] ?? ["none", "·"];
            return make("li", {}, make("span", { class: `mark ${kind}`, "aria-hidden": "true" }, sign),
              make("div", {}, make("p", {}, event.message),
                make("time", { datetime: event.at, title: exact.format(new Date(event.at)) }, moment(new Date(event.at)))));
          }) : [make("li", {}, make("span", {}), make("p", { class: "meta" }, "Nothing changed since the monitor began."))]);
        }

        function renderHistory(set) {
          const all = set.history.times.map(Date.parse), end = Date.parse(set.report.takenAt);
          // A young history fills the width; it has no shape that a few points at the edge would show.
          const start = Math.max(end - minutes * 60000, Math.min(all[0], end - 120000));
          const first = Math.max(0, all.findIndex(t => t >= start));
          const times = all.slice(first), gap = Math.max(150000, answer.intervalSeconds * 3000);
          const members = set.history.members.map((member, style) => ({ ...member, style,
            states: member.states.slice(first), reachable: member.reachable.slice(first),
            lagSeconds: member.lagSeconds.slice(first) }));
          const lags = members.filter(member => member.lagSeconds.some(value => value !== null))
            .map(member => ({ name: member.member, values: member.lagSeconds, style: member.style }));
          drawLines(byID("lag-plot"), byID("lag-legend"), "Replication lag", times, lags, start, end, gap, 2, false);
          const windows = [{ name: "smallest of all members", values: set.history.oplogWindowSeconds.slice(first), style: 0 }];
          drawLines(byID("window-plot"), byID("window-legend"), "Oplog window", times, windows, start, end, gap, 60, true);
          drawLanes(byID("state-plot"), byID("state-legend"), times, members, start, end, gap);
        }

        for (const button of document.querySelectorAll(".ranges button")) {
          button.addEventListener("click", () => {
            minutes = Number(button.dataset.minutes);
            for (const other of document.querySelectorAll(".ranges button")) {
              other.setAttribute("aria-pressed", String(other === button));
            }
            for (const plot of document.querySelectorAll("svg[role=img]")) delete plot.dataset.at;
            if (answer?.sets[0]?.report) renderHistory(answer.sets[0]);
          });
        }
        new ResizeObserver(() => { if (answer?.sets[0]?.report) renderHistory(answer.sets[0]); }).observe(byID("lag-plot"));
        addEventListener("hashchange", choose);
        document.addEventListener("visibilitychange", () => { if (!document.hidden && chosen !== null) ask(); });
        setInterval(renderFreshness, 1000);
        choose();
        """#
}

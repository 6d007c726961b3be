extension StatusPage {
    /// Draws the plots: lines over time, and lanes of states. Arrow keys read them as the pointer does.
    static let plots = #"""
        "use strict";
        const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
        const second = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
        const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

        /* The time of day, with the date where it is not today's. */
        function moment(time) {
          return time.toDateString() === new Date().toDateString() ? second.format(time) : exact.format(time);
        }

        function make(tag, attributes, ...children) {
          const node = tag.startsWith("svg:")
            ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
          for (const [name, value] of Object.entries(attributes ?? {})) {
            if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
          }
          node.append(...children.filter(child => child !== null && child !== undefined));
          return node;
        }

        function span(seconds) {
          if (seconds === null || seconds === undefined) return "unknown";
          if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
          if (seconds < 120) return `${Math.round(seconds)} s`;
          const minutes = Math.floor(seconds / 60);
          if (minutes < 120) return `${minutes} min`;
          const hours = Math.floor(minutes / 60);
          if (hours < 48) return `${hours} h ${minutes % 60} min`;
          return `${Math.floor(hours / 24)} d ${hours % 24} h`;
        }

        /* The least round number that is not below a value: 1, 2 or 5 times a unit that people count in. */
        function ceiling(value) {
          for (const unit of [1, 60, 3600, 86400]) {
            for (const step of unit === 1 ? [1, 2, 5, 10, 20, 30] : [1, 2, 5, 10, 15, 20, 30]) {
              if (value <= unit * step) return unit * step;
            }
          }
          return 86400 * 10 ** Math.ceil(Math.log10(value / 86400));
        }

        function ticks(start, end, width) {
          const steps = [1, 2, 5, 10, 15, 30, 60, 120].map(minutes => minutes * 60000);
          const step = steps.find(step => (end - start) / step <= Math.max(2, width / 80)) ?? 7200000;
          const offset = new Date(end).getTimezoneOffset() * 60000, found = [];
          for (let t = Math.ceil((start - offset) / step) * step + offset; t <= end; t += step) found.push(t);
          return found;
        }

        function frame(svg, height, left) {
          const width = Math.max(260, svg.clientWidth);
          svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
          svg.replaceChildren();
          return { width, height, left, right: width - 8, top: 8, bottom: height - 22 };
        }

        function axis(svg, box, start, end) {
          const x = t => box.left + (t - start) / (end - start) * (box.right - box.left);
          for (const t of ticks(start, end, box.right - box.left)) {
            svg.append(make("svg:line", { class: "grid", x1: x(t), x2: x(t), y1: box.top, y2: box.bottom }),
              make("svg:text", { x: x(t), y: box.bottom + 15, "text-anchor": x(t) > box.right - 14 ? "end" : "middle" },
                clock.format(t)));
          }
          return x;
        }

        /* Shows what the pointer, or an arrow key, stands on. */
        function reading(svg, box, x, times, describe) {
          const readout = document.getElementById(`${svg.id}-readout`);
          const cross = make("svg:line", { class: "cross", y1: box.top, y2: box.bottom, visibility: "hidden" });
          svg.append(cross);
          const show = index => {
            svg.dataset.at = index;
            const at = x(times[index]);
            cross.setAttribute("x1", at); cross.setAttribute("x2", at); cross.setAttribute("visibility", "visible");
            readout.textContent = `${clock.format(times[index])}: ${describe(index)}`;
          };
          const hide = () => {
            delete svg.dataset.at; cross.setAttribute("visibility", "hidden"); readout.textContent = "";
          };
          svg.onpointermove = event => {
            const bounds = svg.getBoundingClientRect();
            const at = (event.clientX - bounds.left) / bounds.width * box.width;
            let best = 0;
            times.forEach((t, index) => { if (Math.abs(x(t) - at) < Math.abs(x(times[best]) - at)) best = index; });
            if (times.length) show(best);
          };
          svg.onpointerleave = svg.onblur = hide;
          svg.onkeydown = event => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (!step || !times.length) return;
            event.preventDefault();
            const from = svg.dataset.at === undefined ? times.length - (step < 0 ? 0 : 1) : Number(svg.dataset.at);
            show(Math.min(times.length - 1, Math.max(0, from + step)));
          };
          const kept = Number(svg.dataset.at);
          if (svg.dataset.at !== undefined && kept < times.length) show(kept);
        }

        /* Where the line must break: a figure is missing, or nobody looked for a while. */
        function path(times, values, x, y, gap) {
          let text = "", last = null;
          values.forEach((value, index) => {
            if (value === null) { last = null; return; }
            const joined = last !== null && times[index] - last <= gap;
            text += `${joined ? "L" : "M"}${x(times[index]).toFixed(1)} ${y(value).toFixed(1)}`;
            if (!joined) text += "h0.01";
            last = times[index];
          });
          return text;
        }

        function drawLines(svg, legend, what, times, series, start, end, gap, least, filled) {
          const box = frame(svg, 190, 52);
          const known = series.flatMap(one => one.values).filter(value => value !== null);
          const top = ceiling(Math.max(least, ...known));
          const y = value => box.bottom - value / top * (box.bottom - box.top);
          for (const value of [0, top / 2, top]) {
            svg.append(make("svg:line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }),
              make("svg:text", { x: box.left - 7, y: y(value) + 4, "text-anchor": "end" }, span(value)));
          }
          const x = axis(svg, box, start, end);
          for (const one of series) {
            const line = path(times, one.values, x, y, gap);
            if (filled && line) {
              const first = one.values.findIndex(value => value !== null);
              const last = one.values.findLastIndex(value => value !== null);
              const flat = path(times, one.values, x, y, Infinity);
              svg.append(make("svg:path", { class: "area",
                d: `${flat}L${x(times[last])} ${box.bottom}L${x(times[first])} ${box.bottom}Z` }));
            }
            svg.append(make("svg:path", { class: `line s${one.style % 7}`, d: line }));
          }
          legend.replaceChildren(...series.map(one => make("li", {},
            make("svg:svg", { width: 26, height: 8, "aria-hidden": "true" },
              make("svg:path", { class: `line s${one.style % 7}`, d: "M0 4H26" })),
            `${one.name} ${span(one.values.at(-1))}`)));
          svg.setAttribute("aria-label", `${what}: ` + (series.map(one => {
            const values = one.values.filter(value => value !== null);
            return values.length ? `${one.name} ${span(one.values.at(-1))} now, from ${span(Math.min(...values))} to `
              + span(Math.max(...values)) : `${one.name} unknown`;
          }).join("; ") || "nothing yet") + ". Arrow keys read it.");
          reading(svg, box, x, times, index => series.map(one => `${one.name} ${span(one.values[index])}`).join(", "));
        }

        function look(state, reachable) {
          if (reachable === false || state === "DOWN") return "down";
          if (["PRIMARY", "SECONDARY", "ARBITER"].includes(state)) return state;
          return ["STARTUP", "STARTUP2", "RECOVERING", "ROLLBACK"].includes(state) ? "between" : "down";
        }

        function drawLanes(svg, legend, times, members, start, end, gap) {
          const lane = 30, names = members.map(member => member.member);
          const widest = Math.min(150, 24 + 7 * Math.max(0, ...names.map(name => name.length)));
          svg.style.height = `${members.length * lane + 34}px`;
          const box = frame(svg, members.length * lane + 34, widest);
          const x = axis(svg, box, start, end);
          members.forEach((member, row) => {
            const y = box.top + row * lane + 4;
            const name = member.member.length > 18 ? member.member.slice(0, 17) + "…" : member.member;
            svg.append(make("svg:text", { x: box.left - 8, y: y + 16, "text-anchor": "end" }, name));
            let index = 0;
            while (index < times.length) {
              const state = member.states[index], kind = look(state, member.reachable[index]);
              const from = index;
              while (index + 1 < times.length && times[index + 1] - times[index] <= gap
                && look(member.states[index + 1], member.reachable[index + 1]) === kind
                && (member.states[index + 1] === state || kind === "down")) index++;
              const next = index + 1 < times.length && times[index + 1] - times[index] <= gap ? times[index + 1] : times[index];
              const left = x(times[from]), width = Math.max(2, x(next) - left);
              if (member.reachable[from] !== null) {
                svg.append(make("svg:rect", { class: `f-${kind}`, x: left, y, width, height: lane - 8, rx: 2 }));
                const word = kind === "down" ? "does not answer" : state;
                const text = width > word.length * 8 + 10 ? word : width > 16 ? (kind === "down" ? "✕" : word[0]) : "";
                if (text) svg.append(make("svg:text", { class: "in", x: left + 6, y: y + 15 }, text));
              }
              index++;
            }
          });
          const kinds = [["PRIMARY", "P primary"], ["SECONDARY", "S secondary"], ["ARBITER", "A arbiter"],
            ["between", "R recovering, starting, rolling back"], ["down", "✕ does not answer"]];
          const seen = new Set(members.flatMap(member => member.states.map((state, index) =>
            member.reachable[index] === null ? "" : look(state, member.reachable[index]))));
          legend.replaceChildren(...kinds.filter(([kind]) => seen.has(kind)).map(([kind, text]) => make("li", {},
            make("svg:svg", { width: 12, height: 12, "aria-hidden": "true" },
              make("svg:rect", { class: `f-${kind}`, width: 12, height: 12, rx: 2 })), text)));
          const word = (member, index) => member.reachable[index] === null ? "not a member"
            : member.reachable[index] ? member.states[index] : "does not answer";
          const at = index => members.map(member => `${member.member} ${word(member, index)}`).join(", ");
          svg.setAttribute("aria-label", `States: ${times.length ? at(times.length - 1) : "nothing yet"}. Arrow keys read it.`);
          reading(svg, box, x, times, at);
        }

        """#
}

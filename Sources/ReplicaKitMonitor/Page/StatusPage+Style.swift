extension StatusPage {
    /// How the page looks: on a phone and on a desk, in light and in dark. Every state has a sign besides its colour.
    static let style = #"""
        :root { color-scheme: light dark;
          --page: #f4f6f8; --card: #ffffff; --line: #dbe1e7; --text: #17202a; --soft: #5a6775; --link: #0b57a4;
          --ok: #18794e; --ok-soft: #e3f4ea; --warn: #8a5300; --warn-soft: #fdf0d9; --bad: #b3261e; --bad-soft: #fce8e6;
          --info: #2b5f9e; --info-soft: #e6eefa; --none: #5a6775; --none-soft: #e9edf1;
          --s0: #1565c0; --s1: #b85c00; --s2: #00796b; --s3: #8e24aa; --s4: #c2185b; --s5: #5d4037; --s6: #546e7a;
          --primary: #18794e; --secondary: #5b8fd1; --arbiter: #8a94a0; --between: #d99a2b; --down: #c9463d; }
        @media (prefers-color-scheme: dark) { :root {
          --page: #0f151b; --card: #182028; --line: #2c3843; --text: #e6ebf0; --soft: #9aa8b5; --link: #7db7f5;
          --ok: #6fd19f; --ok-soft: #12331f; --warn: #f2b956; --warn-soft: #3a2a0c; --bad: #ff8a80; --bad-soft: #431a18;
          --info: #8cb8f0; --info-soft: #16293f; --none: #9aa8b5; --none-soft: #26313b;
          --s0: #64b5f6; --s1: #ffb74d; --s2: #4db6ac; --s3: #ce93d8; --s4: #f48fb1; --s5: #bcaaa4; --s6: #b0bec5;
          --primary: #3f9d6d; --secondary: #4a78b5; --arbiter: #6a7683; --between: #c98d26; --down: #d0564d; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); line-height: 1.45;
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        a { color: var(--link); } h1, h2, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; } ul, ol { list-style: none; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
        main:focus { outline: none; } [hidden] { display: none !important; }
        .hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        .skip:focus { position: absolute; left: 12px; top: 8px; background: var(--card); padding: 6px 10px; z-index: 1; }
        header { background: var(--card); border-bottom: 1px solid var(--line); }
        .bar, main, footer { max-width: 1200px; margin: 0 auto; padding: 0 20px; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; min-height: 52px;
          padding-top: 8px; padding-bottom: 8px; }
        .brand { font-weight: 650; letter-spacing: .01em; }
        nav { flex: 1; min-width: 0; overflow-x: auto; } nav ul { display: flex; gap: 4px; padding: 3px; }
        nav a { display: flex; align-items: center; gap: 7px; padding: 5px 11px; border-radius: 6px; white-space: nowrap;
          color: var(--soft); text-decoration: none; } nav a:hover { background: var(--none-soft); }
        nav a[aria-current] { background: var(--none-soft); color: var(--text); font-weight: 600; }
        .mark { font-size: 12px; width: 12px; text-align: center; }
        .fresh { color: var(--soft); font-size: 13px; display: flex; align-items: center; gap: 7px; }
        .dot { width: 8px; height: 8px; border-radius: 50%; background: var(--none); }
        .fresh.live .dot { background: var(--ok); } .fresh.lost, .fresh.lost .dot { color: var(--bad); }
        .fresh.lost .dot { background: var(--bad); }
        main { padding-top: 22px; padding-bottom: 12px; } footer { color: var(--soft); font-size: 13px; padding: 8px 20px 26px; }
        .title { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; }
        h1 { font-size: 24px; font-weight: 650; overflow-wrap: anywhere; } h2 { font-size: 16px; font-weight: 650; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px;
          margin-top: 16px; min-width: 0; }
        section h2 { margin-bottom: 10px; } section .title { justify-content: space-between; margin-bottom: 10px; }
        section .title h2 { margin: 0; }
        .pill, .badge { display: inline-flex; align-items: center; gap: 6px; border-radius: 999px; font-weight: 600; }
        .pill { padding: 4px 12px; } .badge { padding: 1px 9px; font-size: 12.5px; white-space: nowrap; }
        .ok { color: var(--ok); background: var(--ok-soft); } .warn { color: var(--warn); background: var(--warn-soft); }
        .bad { color: var(--bad); background: var(--bad-soft); } .info { color: var(--info); background: var(--info-soft); }
        .none { color: var(--none); background: var(--none-soft); }
        .mark.ok, .mark.warn, .mark.bad, .mark.info, .mark.none { background: none; }
        .notice { border-radius: 8px; padding: 10px 14px; margin-bottom: 16px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 12px; margin-top: 16px; }
        .tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 13px 18px; }
        dt { color: var(--soft); font-size: 13px; } .tiles dd { font-size: 21px; font-weight: 650; overflow-wrap: anywhere;
          font-variant-numeric: tabular-nums; } .tiles dd.note { font-size: 13px; font-weight: 400; color: var(--soft); }
        .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 16px; }
        .findings li { border: 1px solid var(--line); border-left: 4px solid var(--none); border-radius: 8px;
          padding: 10px 14px; margin-top: 8px; } .findings li.critical { border-left-color: var(--bad); }
        .findings li.warning { border-left-color: var(--warn); } .findings li.info { border-left-color: var(--info); }
        .findings li.calm { border-left-color: var(--ok); color: var(--text); background: none; }
        .meta b { color: var(--text); } .meta { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; color: var(--soft); font-size: 13px; }
        .findings .message { margin-top: 5px; font-weight: 550; overflow-wrap: anywhere; }
        .remedy { margin-top: 5px; color: var(--soft); overflow-wrap: anywhere; } .remedy b { color: var(--text); }
        .evidence { margin-top: 5px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        details { margin-top: 10px; color: var(--soft); font-size: 13.5px; } summary { cursor: pointer; }
        .plain li { margin: 4px 0 0 16px; overflow-wrap: anywhere; }
        .tree li { position: relative; } .tree ul ul { margin-left: 13px; }
        .tree ul ul > li { padding-left: 24px; } .tree ul ul > li::before { content: ""; position: absolute; left: 0; top: 0;
          width: 16px; height: 29px; border-left: 2px solid var(--line); border-bottom: 2px solid var(--line);
          border-bottom-left-radius: 7px; }
        .tree ul ul > li:not(:last-child)::after { content: ""; position: absolute; left: 0; top: 0; bottom: 0;
          border-left: 2px solid var(--line); }
        .member { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; margin-bottom: 8px;
          display: flex; flex-wrap: wrap; align-items: center; gap: 3px 10px; position: relative; background: var(--card); }
        .member strong { overflow-wrap: anywhere; } .member .meta { width: 100%; }
        .member.primary { border-color: var(--ok); box-shadow: inset 3px 0 0 var(--ok); }
        .member.away { border-style: dashed; border-color: var(--bad); }
        .events { max-height: 360px; overflow-y: auto; } .events li { display: grid; grid-template-columns: 20px 1fr;
          gap: 0 8px; padding: 7px 0; border-top: 1px solid var(--line); } .events li:first-child { border-top: 0; }
        .events time { color: var(--soft); font-size: 13px; } .events p { overflow-wrap: anywhere; }
        .events .mark { margin-top: 3px; }
        table { width: 100%; border-collapse: collapse; } th { text-align: left; color: var(--soft); font-size: 13px;
          font-weight: 500; padding: 4px 10px 6px 0; } td { border-top: 1px solid var(--line); padding: 8px 10px 8px 0;
          vertical-align: top; font-variant-numeric: tabular-nums; } tbody th { border-top: 1px solid var(--line);
          color: var(--text); font-weight: 600; font-size: 15px; padding: 8px 10px 8px 0; overflow-wrap: anywhere; }
        td small, th small { display: block; color: var(--soft); font-weight: 400; font-size: 13px; overflow-wrap: anywhere; }
        .ranges { display: flex; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; }
        .ranges button { font: inherit; font-size: 13px; color: var(--soft); background: none; border: 0; padding: 5px 12px;
          cursor: pointer; } .ranges button[aria-pressed=true] { background: var(--none-soft); color: var(--text);
          font-weight: 600; }
        .plots { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 20px 26px; }
        .wide { grid-column: 1 / -1; } figcaption { font-weight: 550; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; min-height: 21px; color: var(--soft); font-size: 13px; }
        .legend li { display: flex; align-items: center; gap: 6px; } .legend svg { flex: none; }
        .plot { width: 100%; height: 190px; display: block; } .lanes { width: 100%; display: block; }
        .readout { min-height: 20px; color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
        svg text { fill: var(--soft); font-size: 11.5px; } svg .grid { stroke: var(--line); } svg .in { fill: #fff; }
        svg .cross { stroke: var(--soft); stroke-dasharray: 3 3; } svg .line { fill: none; stroke-width: 2; }
        .s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 7 3; }
        .s2 { stroke: var(--s2); stroke-dasharray: 2 3; } .s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; }
        .s4 { stroke: var(--s4); stroke-dasharray: 12 4; } .s5 { stroke: var(--s5); stroke-dasharray: 4 2 1 2; }
        .s6 { stroke: var(--s6); stroke-dasharray: 1 2; } .area { fill: var(--s0); opacity: .13; stroke: none; }
        .f-PRIMARY { fill: var(--primary); } .f-SECONDARY { fill: var(--secondary); } .f-ARBITER { fill: var(--arbiter); }
        .f-between { fill: var(--between); } .f-down { fill: var(--down); }
        @media (max-width: 760px) {
          .bar, main, footer { padding-left: 14px; padding-right: 14px; } .columns, .plots { display: block; }
          figure + figure { margin-top: 20px; } section { padding: 14px; } .tiles { grid-template-columns: 1fr 1fr; gap: 10px; }
          .tiles > div { padding: 10px 13px; } .tiles dd { font-size: 18px; } nav { order: 3; flex-basis: 100%; }
          .fresh { margin-left: auto; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
          clip-path: inset(50%); } tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 12px; padding: 8px 0;
          border-top: 1px solid var(--line); } tr:first-child { border-top: 0; } tbody th, td { border: 0; padding: 3px 0; }
          tbody th { grid-column: 1 / -1; } td::before { content: attr(data-label); display: block; color: var(--soft);
          font-size: 12px; } }
        """#
}

(() => {
  "use strict";
  // Counts as the page was counted when it was written: whole days on the calendar of its reader's zone.
  const root = document.documentElement;
  const DAY = 86400000;
  const today = () => {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: root.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit",
    }).formatToParts(new Date());
    const of = (type) => Number(parts.find((part) => part.type === type).value);
    return Date.UTC(of("year"), of("month") - 1, of("day"));
  };
  const number = (count) => count.toLocaleString("en-US");
  const days = (low, high) => {
    if (low !== high) return `${number(low)} to ${number(high)} days`;
    return low === 1 ? "1 day" : `${number(low)} days`;
  };
  const words = (low, high) => {
    if (low === high && Math.abs(low) < 2) return ["yesterday", "today", "tomorrow"][low + 1];
    if (high < 0) return `${days(-high, -low)} ago`;
    if (low > 0) return `in ${days(low, high)}`;
    return high ? `within ${days(high, high)}` : "today at the latest";
  };
  const count = () => {
    const now = today();
    for (const element of document.querySelectorAll("[data-first]")) {
      const [low, high] = [element.dataset.first, element.dataset.last].map((day) => Math.round((Date.parse(day) - now) / DAY));
      const said = words(low, high);
      if (element.textContent !== said) element.textContent = said;
    }
  };
  const age = () => {
    const hours = (Date.now() - Date.parse(root.dataset.written)) / 3600000;
    const old = document.getElementById("old");
    const late = hours > Number(root.dataset.stale);
    if (late) {
      const since = Math.floor(hours / 24);
      const said = `Written ${since === 1 ? "yesterday" : `${days(since, since)} ago`}; the watcher may have stopped.`;
      if (old.textContent !== said) old.textContent = said;
    }
    old.hidden = !late;
  };
  const tick = () => {
    age();
    try {
      count();
    } catch {
      // A zone that this browser does not know: what was written stays.
    }
  };
  tick();
  setInterval(tick, 60000);
})();

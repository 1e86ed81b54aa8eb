// The search page and documents: keys that open results, and ranges of lines in the address.
(() => {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const result = document.activeElement.closest(".result")?.querySelector(".result-link");
    if (event.key === "/") {
      const field = document.getElementById("q") || document.querySelector("[data-shortcut='k']");
      field?.focus();
      field?.select();
    } else if (event.key === "?") {
      document.querySelector("[popovertarget='search-help']")?.click();
    } else if (event.key === "o" && result?.dataset.provider) {
      window.open(result.dataset.provider, "_blank", "noopener");
    } else return;
    event.preventDefault();
  });

  // #L10 and #L10-L20 choose lines; a click on a number chooses one, with Shift as far as there.
  const numbers = (hash) => /^#L(\d+)(?:-L?(\d+))?$/.exec(hash);
  function choose(first, last) {
    document.querySelectorAll(".line.chosen").forEach((line) => line.classList.remove("chosen"));
    for (let number = first; number <= last; number++) document.getElementById(`L${number}`)?.classList.add("chosen");
  }
  function follow() {
    const found = document.querySelector("[data-lines]") && numbers(location.hash);
    if (!found) return;
    const [first, last] = [Number(found[1]), Number(found[2] || found[1])];
    const line = document.getElementById(`L${first}`);
    if (!line && !location.search.includes(`lines=${first}`)) return location.replace(`?lines=${first}-${last}#L${first}`);
    if (!line || (!found[2] && line.classList.contains("chosen"))) return;
    choose(first, last);
    line.scrollIntoView({ block: "center" });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-lines] .line-number");
    if (!link) return;
    event.preventDefault();
    const number = Number(link.dataset.line);
    const start = event.shiftKey && numbers(location.hash) ? Number(numbers(location.hash)[1]) : number;
    const [first, last] = [Math.min(start, number), Math.max(start, number)];
    const lines = first === last ? `${first}` : `${first}-${last}`;
    history.replaceState(null, "", `?lines=${lines}#L${first}${first === last ? "" : `-L${last}`}`);
    choose(first, last);
  });
  window.addEventListener("hashchange", follow);
  follow();
})();

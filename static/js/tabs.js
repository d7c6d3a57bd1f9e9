/**
 * Tabs on phones. Every `[data-tab]` inside `[data-tabs]` is shown one at a time while the screen is narrow
 * (under 1000 px, the width where layout.css sets the columns); on wide screens, and without this script,
 * all of them are simply there, one after another.
 *
 * <main class="stage" data-tabs="Parts of the page"> <nav class="tabs" hidden></nav>
 *   <section id="questions" data-tab="Questions">...
 *
 * Keys: arrow left and right, Home, End. The chosen tab stays in the address (#programme) and over reloads.
 */

const narrow = matchMedia("(max-width: 999px)");

function build(box) {
  const bar = box.querySelector(".tabs");
  const panels = [...box.querySelectorAll("[data-tab]")];
  if (!bar || panels.length < 2) return;

  const tabs = panels.map((panel, at) => {
    panel.id ||= `part-${at + 1}`;
    const tab = document.createElement("button");
    tab.type = "button";
    tab.role = "tab";
    tab.id = `tab-${panel.id}`;
    tab.textContent = panel.dataset.tab;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.addEventListener("click", () => choose(at));
    return tab;
  });
  const remembered = `tab:${location.pathname}`;
  let chosen = 0;

  function show() {
    panels.forEach((panel, at) => {
      panel.hidden = narrow.matches && at !== chosen;
      if (narrow.matches) {
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", tabs[at].id);
      } else {
        panel.removeAttribute("role");
        panel.removeAttribute("aria-labelledby");
      }
      tabs[at].setAttribute("aria-selected", String(at === chosen));
      tabs[at].tabIndex = at === chosen ? 0 : -1;
    });
    bar.hidden = !narrow.matches;
  }

  function choose(at, focus = false) {
    chosen = (at + tabs.length) % tabs.length;
    try {
      sessionStorage.setItem(remembered, panels[chosen].id);
    } catch {
      /* not remembered, still chosen */
    }
    show();
    if (focus) tabs[chosen].focus();
  }

  function find(id) {
    const target = id ? document.getElementById(id) : null;
    return target ? panels.findIndex((panel) => panel === target || panel.contains(target)) : -1;
  }

  function followAddress() {
    const at = find(decodeURIComponent(location.hash.slice(1)));
    if (at < 0) return;
    choose(at);
    document.getElementById(decodeURIComponent(location.hash.slice(1))).scrollIntoView();
  }

  bar.replaceChildren(...tabs);
  bar.setAttribute("role", "tablist");
  if (box.dataset.tabs) bar.setAttribute("aria-label", box.dataset.tabs);
  bar.addEventListener("keydown", (event) => {
    const to = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to, true);
  });
  let before = null;
  try {
    before = sessionStorage.getItem(remembered);
  } catch {
    /* nothing remembered */
  }
  chosen = Math.max(0, find(before));
  show();
  followAddress();
  addEventListener("hashchange", followAddress);
  narrow.addEventListener("change", show);
}

for (const box of document.querySelectorAll("[data-tabs]")) build(box);

// What improves a form's inbox: choosing all of a page, the next page as one goes down, and what
// comes while one looks. Without it there are checkboxes, a link and a reload.

const form = document.getElementById("bulk");
const table = document.querySelector("table.inbox");
const say = document.querySelector("[data-arrivals]");

const boxes = () => [...document.querySelectorAll("input[name=ids]")];

function chooseThePage() {
  const all = form?.querySelector("[data-choose-page]");
  if (!all) return;
  all.closest("label").hidden = false;
  const state = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  document.addEventListener("change", ({ target }) => { if (target.name === "ids") state(); });
  state();
}

/** The list as the server shows it at this address, or nothing. */
async function load(address) {
  const reply = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  if (!reply?.ok || reply.redirected) return null;
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

function goOn() {
  const pager = document.querySelector(".pager");
  const link = pager?.querySelector("a[rel=next]");
  if (!link || !table) return;
  const seen = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    const page = await load(link.href);
    if (!page) return;
    const known = new Set(ids(document));
    for (const row of page.querySelectorAll("table.inbox tbody tr")) {
      if (!known.has(row.dataset.id)) table.tBodies[0].append(row);
    }
    const next = page.querySelector(".pager a[rel=next]");
    if (!next) return pager.remove();
    link.href = next.href;
    seen.observe(pager);
  }, { rootMargin: "600px" });
  seen.observe(pager);
}

const ids = (where) => [...where.querySelectorAll("table.inbox tbody tr")].map((row) => row.dataset.id);

function listen() {
  const address = table?.dataset.events;
  if (!address) return;
  let waiting = false;
  const arrived = async () => {
    if (waiting) return;
    // At most once a second, however much comes.
    waiting = true;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    waiting = false;
    const page = await load(location.href.replace(/([?&])(undo|done)=[^&]*/g, "$1"));
    if (!page) return;
    const known = new Set(ids(document));
    const rows = [...page.querySelectorAll("table.inbox tbody tr")].filter((row) => !known.has(row.dataset.id));
    // What was loaded before and does not fit to the page any more stays where it is.
    const newest = ids(document)[0] ?? "";
    const fresh = rows.filter((row) => row.dataset.id > newest);
    fresh.forEach((row) => row.classList.add("arrived"));
    table.tBodies[0].prepend(...fresh);
    const counts = page.querySelectorAll(".folders .count");
    document.querySelectorAll(".folders .count").forEach((count, index) => { count.textContent = counts[index]?.textContent ?? ""; });
    if (fresh.length > 0 && say) {
      say.hidden = false;
      say.setAttribute("role", "status");
      say.className = "visually-hidden";
      say.textContent = fresh.length === 1 ? "One new submission" : `${fresh.length} new submissions`;
    }
  };
  const source = new EventSource(address);
  source.addEventListener("arrived", arrived);
  // After a time without a connection something may have come.
  let connected = false;
  source.addEventListener("open", () => {
    if (connected) arrived();
    connected = true;
  });
}

chooseThePage();
goOn();
listen();

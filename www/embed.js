// @ts-check
/**
 * A run inside somebody else's page: logical view, strip, caption. It works in a sandbox that
 * allows scripts and nothing else, so it keeps nothing, asks for nothing, and leaves the host alone.
 */
import { html } from "./dom.js";
import { loadEngine } from "./engine.js";
import { evidence } from "./evidence-late.js";
import { pageKeys } from "./keyboard.js";
import { Player, showUnavailable } from "./player.js";

/**
 * @param {import("./types.js").Engine} engine
 */
function start(engine) {
  const player = new Player(engine, { compact: true,
    plan: () => void (document.title = player.session.plan.title),
    draw: (_view, _packets, _still, words) => void (words && drawEvidence()) });
  const drawEvidence = evidence(player);
  player.caption.bar.append(...openLink(player));
  pageKeys({
    toggle: () => player.playback.toggle(), step: (by) => player.step(by),
    undo: () => player.undo(), redo: () => player.redo(),
  });
  new IntersectionObserver(([entry]) =>
    player.setHidden(!entry.isIntersecting || document.hidden)).observe(document.body);
  window.addEventListener("hashchange", () => void player.openAddress());
  void player.openAddress();
  tellHeight();
  Object.assign(window, { halflink: {
    get run() { return player.session.run; }, playback: player.playback, player,
  } });
}

/**
 * The way to the whole page with this very run. A sandbox may keep the tab from opening, so the
 * address is then shown to copy.
 *
 * @param {Player} player
 */
function openLink(player) {
  const link = html("a", { target: "_blank", rel: "noopener", class: "open", href: "./" },
    "Open in Halflink");
  const field = html("input", { readonly: true, class: "share-link", hidden: true, "aria-label":
    "Address of this run" });
  const aim = () => {
    link.href = new URL(`./${player.session.run?.link() ?? ""}`, location.href).href;
  };
  for (const event of ["pointerdown", "focus", "pointerenter"]) link.addEventListener(event, aim);
  link.addEventListener("click", () => {
    aim();
    if (self.origin !== "null") return;
    field.value = link.href;
    field.hidden = false;
    field.select();
  });
  return [link, field];
}

/** Tells the host how tall the content is; what the host makes of it is its own affair. */
function tellHeight() {
  if (window.parent === window) return;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ src: location.href, context: "iframe.resize", height }, "*");
  };
  new ResizeObserver(tell).observe(document.body);
  tell();
}

// The snippet names the module that its run needs: so the first one is not loaded for nothing.
const [, wanted] = /&in=(production)\b/.exec(location.hash) ?? [];
const engine = await loadEngine(wanted).catch(showUnavailable);
if (engine) start(engine);

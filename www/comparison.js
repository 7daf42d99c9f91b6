// @ts-check
/** Whether the page shows one run or compares several; the address remembers it. */
import { linkAddress, parseHash } from "./address.js";
import { byId, set } from "./dom.js";
import { late } from "./late.js";

const load = late(() => import("./compare.js"));

export class Comparison {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.on = false;
    /** @type {import("./compare.js").CompareView|undefined} */
    this.view = undefined;
    this.button = byId("compare-button");
    this.button.addEventListener("click", () => this.set(!this.on));
    for (const sign of ["pointerenter", "focus"]) {
      this.button.addEventListener(sign, () => void load());
    }
  }

  /** Those beside the scenario's own, while they are shown. */
  get names() {
    return this.on && this.view ? this.view.names.slice(1) : null;
  }

  /**
   * @param {boolean} on
   * @param {readonly string[]} [names]
   */
  async set(on, names = []) {
    if (on) {
      try {
        const { CompareView } = await load();
        this.view ??= new CompareView(byId("compare"), this.player, {
          changed: () => this.writeAddress(), close: () => this.set(false),
        });
      } catch (error) {
        this.player.notice(`The comparison could not be loaded: ${String(error)}`);
        return;
      }
    }
    this.on = on;
    set(document.body, "data-comparing", on);
    set(this.button, "aria-pressed", String(on));
    byId("compare").hidden = !on;
    if (on) this.view?.open(names);
    else this.view?.close();
    if (!on) this.button.focus();
    this.writeAddress();
    this.player.refresh();
  }

  planChanged() {
    if (!this.on) return;
    this.view?.update();
    this.writeAddress();
  }

  stripChanged() {
    if (!this.on) return;
    this.view?.stripChanged();
    if (this.player.session.done) this.writeAddress();
  }

  /** Opens or closes the comparison that the address asks for. */
  async readAddress() {
    const { compared } = parseHash(location.hash);
    if (compared) await this.set(true, compared);
    else if (this.on) await this.set(false);
  }

  /** The address holds the run and who is compared, so that a reload brings both back. */
  writeAddress() {
    const { run, engine, text } = this.player.session;
    if (!run) return;
    const { link, time_us } = parseHash(location.hash);
    if (!this.on) {
      history.replaceState(null, "", linkAddress(location.href, link, time_us));
      return;
    }
    const shipped = engine.library().find((entry) => entry.text === text);
    const next = shipped ? `#${shipped.name}` : run.link();
    history.replaceState(null, "", linkAddress(location.href, next, null, this.names));
  }
}

// @ts-check
/** Whether the page shows one run or compares several. */
import { readAddress } from "../run/address.js";
import { byId, set } from "../draw/dom.js";
import { late, preload } from "../run/late.js";

const load = late(() => import("./compare.js"));

export class Comparison {
  /**
   * @param {import("./player.js").Player} player
   * @param {HTMLElement|null} button that shows and hides it
   */
  constructor(player, button) {
    this.player = player;
    this.on = false;
    /** @type {import("./compare.js").CompareView|undefined} */
    this.view = undefined;
    this.button = button;
    if (!button) return;
    button.addEventListener("click", () => this.set(!this.on));
    preload(button, load);
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
          changed: () => this.player.refresh(),
          close: () => this.set(false),
        });
      } catch (error) {
        this.player.notice(`The comparison could not be loaded: ${String(error)}`);
        return;
      }
    }
    this.on = on;
    set(document.body, "data-comparing", on);
    if (this.button) set(this.button, "aria-pressed", String(on));
    byId("compare").hidden = !on;
    if (on) this.view?.open(names);
    else this.view?.close();
    if (!on) this.button?.focus();
    this.player.refresh();
  }

  planChanged() {
    if (this.on) this.view?.update();
  }

  stripChanged() {
    if (this.on) this.view?.stripChanged();
  }

  /** Opens or closes the comparison that the address asks for. */
  async readAddress() {
    const { compared } = await readAddress();
    if (compared) await this.set(true, compared);
    else if (this.on) await this.set(false);
  }
}

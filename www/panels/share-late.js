// @ts-check
/** The button that shares a run; what it opens is loaded when it is pressed. */
import { formatTime } from "../draw/format.js";
import { believersInWords } from "../draw/strip-view.js";
import { say, tell } from "../draw/page-words.js";
import { groupOption } from "../run/address.js";
import { late, preload } from "../run/late.js";

const loadShare = late(() => import("./share.js"));

/**
 * @param {HTMLElement} button
 * @param {Pick<import("./acting.js").Commands, "told"|"notice"|"playback">} commands
 */
export function openShare(button, { told, notice, playback }) {
  /** @type {import("./share.js").ShareDialog|undefined} */
  let share;
  const describe = () => {
    playback.pause();
    const { run, plan, strip, text, done: known, time_us, view, compared, all } = told();
    if (!run) return null;
    const { title, module } = plan;
    const moment = view ? believersInWords(plan, view) : "";
    const words = {
      whole: say("share.whole", {
        title,
        felt: strip.outcome ? tell("outcome", strip.outcome.felt) : "",
      }),
      moment: say("share.moment", { title, at: formatTime(time_us), moment }),
    };
    const link = run.link();
    const group = groupOption(plan, all);
    return { run, link, known, title, module, plan, strip, text, time_us, compared, group, words };
  };
  preload(button, loadShare);
  button.addEventListener("click", async () => {
    try {
      const { ShareDialog } = await loadShare();
      share ??= new ShareDialog(describe);
    } catch (error) {
      notice(say("late.dialog", { error: String(error) }));
      return;
    }
    await share.open();
  });
  /** @param {import("../run/panels.js").Frame} frame */
  const update = (frame) => share?.refresh(frame);
  return { update };
}

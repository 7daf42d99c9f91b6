// @ts-check
/**
 * The embed as a frame. It works in a sandbox that allows scripts and nothing else, from a host that
 * sets no header: `xtask/src/embed.rs` puts it and its engine into one classic script.
 */
import { begin } from "./panels/embed.js";
import { enginesFrom } from "./run/engine.js";
import { late, lateFrom, styleFrom } from "./run/late.js";
import { isPacked, packedEngine, packedModule } from "./run/packed.js";

const loadMessages = late(() => import("./run/messages.js"), "messagesModule");

styleFrom("pkg/halflink-embed-late.css");
if (isPacked) {
  enginesFrom(packedEngine);
  lateFrom(packedModule);
}
begin();
// Few hosts speak to a frame, so what they say is understood late.
addEventListener("message", (said) => {
  if (said.data?.halflink) loadMessages().then(({ hear }) => hear(said), console.error);
});

// What the page leaves on its window for tests and for the curious.
interface Window {
  halflink: {
    readonly run: import("../../www/run/engine.js").Run;
    playback: import("../../www/run/playback.js").Playback;
    session: import("../../www/run/session.js").Session;
    player: import("../../www/run/player.js").Player;
  };
}
declare const halflink: Window["halflink"];

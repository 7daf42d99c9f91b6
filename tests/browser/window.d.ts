// What the page leaves on its window for tests and for the curious.
interface Window {
  halflink: {
    readonly run: import('../../www/engine.js').Run;
    playback: import('../../www/playback.js').Playback;
    session: import('../../www/session.js').Session;
    player: import('../../www/player.js').Player;
  };
}
declare const halflink: Window['halflink'];

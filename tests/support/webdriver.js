// Browsers that Playwright does not drive as their users have them: Debian's Firefox, by WebDriver
// BiDi, and WebKitGTK, by WebDriver. Each opens a page and does things in the one frame of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import puppeteer from "puppeteer-core";

const START_MS = 120_000;
const WINDOW = { width: 1_000, height: 900 };
const POLL_MS = 100;
/** What has not moved for so long is not about to. */
const REST_MS = 500;
/** Of a frame, if nobody styles it. */
const BORDER = 2;

/**
 * @typedef {object} Browser
 * @property {(address: string) => Promise<void>} open
 * @property {(script: string) => Promise<any>} read what an expression comes to in the frame
 * @property {(selector: string) => Promise<void>} click as a reader does, in the frame
 * @property {(words: string) => Promise<void>} type into what has the focus, key by key
 * @property {() => Promise<unknown>} close
 */

/**
 * @param {string} executablePath
 * @returns {Promise<Browser>}
 */
export async function firefox(executablePath) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    timeout: START_MS,
  });
  const page = await browser.newPage();
  await page.setViewport(WINDOW);
  const frame = async () => {
    const inside = await (await page.waitForSelector("iframe"))?.contentFrame();
    if (!inside) throw new Error("the page has no frame");
    return inside;
  };
  return {
    open: async (address) => void (await page.goto(address)),
    read: async (script) => (await frame()).evaluate(script),
    click: async (selector) => (await frame()).click(selector),
    type: (words) => page.keyboard.type(words),
    close: () => browser.close(),
  };
}

/**
 * @param {string} driver
 * @returns {Promise<Browser>}
 */
export async function webkit(driver) {
  const port = await freePort();
  // A group of its own, so that all of it ends with us.
  const server = spawn("xvfb-run", ["-a", driver, `--port=${port}`], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const over = once(server, "exit");
  let said = "";
  server.stderr.on("data", (piece) => {
    said += piece;
  });
  const isOver = () => server.exitCode !== null || server.signalCode !== null;
  const end = async () => {
    if (server.pid && !isOver()) process.kill(-server.pid);
    await over;
    server.stderr.destroy();
  };
  /**
   * @param {string} path
   * @param {unknown} [body]
   */
  const ask = async (path, body, method = body ? "POST" : "GET") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body ? JSON.stringify(body) : undefined,
    });
    const { value } = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(`${path}: ${value?.error} ${value?.message}`);
    return value;
  };
  try {
    await until("the driver of WebKit starts", () => {
      if (isOver()) throw new Error(`the driver of WebKit has ended: ${said}`);
      return ask("/status").then(
        () => true,
        () => false,
      );
    });
    const { sessionId } = await ask("/session", { capabilities: {} });
    const session = `/session/${sessionId}`;
    // A driver may not click what lies under the edge of the window.
    await ask(`${session}/window/rect`, { x: 0, y: 0, ...WINDOW });
    const find = async (/** @type {string} */ value) => {
      const found = await ask(`${session}/element`, { using: "css selector", value });
      return found;
    };
    /** @param {string} selector */
    const boxOf = (selector) =>
      ask(`${session}/execute/sync`, {
        args: [selector],
        script: `const box = document.querySelector(arguments[0]).getBoundingClientRect();
       return [box.x, box.y, box.width, box.height];`,
      });
    let corner = [0, 0];
    return {
      open: async (url) => {
        await ask(`${session}/url`, { url });
        corner = await boxOf("iframe");
        await ask(`${session}/frame`, { id: await find("iframe") });
      },
      read: (script) => ask(`${session}/execute/sync`, { script: `return ${script}`, args: [] }),
      // Its own click takes shapes of SVG for what nobody can touch.
      click: async (selector) => {
        // What is done may lay the picture out anew a moment later: a reader aims at what rests.
        let box = await boxOf(selector);
        await until("it rests", async () => {
          const before = String(box);
          await new Promise((resolve) => setTimeout(resolve, REST_MS));
          box = await boxOf(selector);
          return String(box) === before;
        });
        const [left, top, width, height] = box;
        // Places are those of the page; around the frame is a border.
        const x = Math.round(corner[0] + BORDER + left + width / 2);
        const y = Math.round(corner[1] + BORDER + top + height / 2);
        await ask(`${session}/actions`, {
          actions: [
            {
              type: "pointer",
              id: "mouse",
              actions: [
                { type: "pointerMove", duration: 0, origin: "viewport", x, y },
                { type: "pointerDown", button: 0 },
                { type: "pointerUp", button: 0 },
              ],
            },
          ],
        });
      },
      type: async (words) => {
        const keys = [...words].flatMap((value) => [
          { type: "keyDown", value },
          { type: "keyUp", value },
        ]);
        await ask(`${session}/actions`, {
          actions: [{ type: "key", id: "keyboard", actions: keys }],
        });
      },
      close: async () => {
        await ask(session, undefined, "DELETE");
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A port that was free a moment ago: a driver whose port is taken ends at once. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Waits until something is the case.
 * @param {string} what
 * @param {() => Promise<unknown>} is
 */
export async function until(what, is) {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (await is()) return;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

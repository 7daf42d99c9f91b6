// The same text and seed give the same run natively and in Chromium: hash, figures and link.
import { nativeRuns } from "../support/parity.js";
import { expect, test } from "./fixtures.js";

test("Chromium repeats what native code did", async ({ page }) => {
  test.setTimeout(300_000);
  const expected = nativeRuns();
  await page.goto("pkg/package.json");
  const found = await page.evaluate(
    async (texts) => {
      const { default: init, Run } = await import(
        new URL("./halflink-production.js", location.href).href
      );
      await init();
      return texts.map(({ text, half_us }) => {
        const run = new Run(text);
        while (!run.advance(1e6));
        const seen = { plan: run.plan(), strip: run.strip(), end: run.view(run.frontier(), 3e5) };
        const half_hash = run.trace_hash(half_us);
        const link = run.link();
        run.free();
        return { half_hash, link, ...seen };
      });
    },
    expected.map(({ text, half_us }) => ({ text, half_us })),
  );
  for (const [index, { name, text, half_us: _, ...native }] of expected.entries()) {
    expect(found[index], `${name}\n${text}`).toEqual(native);
  }
});

// The page in a real browser: clicks, keys, no scripts, narrow windows, themes, readers, and what other sites may not do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { FOREIGN, enter, launch, picture, serve, watched } from "./server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const THEMES = ["light", "dark"];
/** Every page, and what has to be done on it first. */
const PAGES = [
  ["runs", "/runs"], ["run", "/run/A1%2F0"], ["superseded filter", "/runs?verdict=FAILED"], ["fleet", "/fleet"],
  ["gate", "/gate"], ["scenario", "/gate/queue/trades"], ["drift", "/drift"], ["help", "/help"],
  ["compare", "/compare?a=A1%2F0&b=A1%2F1"], ["account", "/account?name=A1"], ["not found", "/nothing"],
];
let server, browser, state;

before(async () => {
  server = await serve();
  browser = await launch();
  state = await enter(browser, server.url);
});
after(async () => {
  await browser?.close();
  server?.end();
});

const at = (path) => server.origin + path;
const context = (options = {}) => browser.newContext({ storageState: state, ...options });

/** From the list to a verdict and to a reason: the way that everybody takes. */
async function clickThrough(page) {
  await page.goto(at("/runs"));
  await page.getByLabel("Account").fill("A1");
  await page.getByLabel("To", { exact: true }).fill("2017-02-08");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: "A1/0" }).click();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.locator("#replay [role=status]").waitFor();
  assert.match(await page.locator("#replay [role=status]").innerText(), /^IDENTICAL decided again in \d/);
  assert.equal(await page.getByRole("cell", { name: "same", exact: true }).count(), 8);
  const trade = page.locator("section[aria-labelledby=q1] tbody tr").first();
  const sentence = await trade.locator("td").last().innerText();
  await trade.getByRole("link").click();
  assert.equal(await page.locator("p.lead").innerText(), sentence);
  assert.match(await page.locator("h1").innerText(), /^Why was \S+ (bought|sold)\?$/);
  await addsUp(page);
}

/** The terms that are printed add up to the printed sum, in the last digit but for their roundings. */
async function addsUp(page) {
  const cells = await page.locator("tr:has(svg.bars) td.n").allInnerTexts();
  const sum = Number(await page.locator("tr.sum td.n").innerText());
  const total = cells.reduce((all, text) => all + Number(text), 0);
  assert.ok(cells.length > 1 && Math.abs(total - sum) <= 0.00005 * (cells.length + 1), `${cells} add up to ${sum}`);
}

test("click: record, replay, why, what if, compare", async () => {
  const own = await context();
  const { page, wrong } = await watched(own);
  await clickThrough(page);
  await page.getByLabel("Cap on tracking error, bp").fill("50");
  await page.getByRole("button", { name: "Decide again" }).click();
  assert.match(await page.locator("#otherwise section").innerText(), /tracking-error cap of 50 bp/);
  await page.getByRole("link", { name: "Run A1/0" }).click();
  await page.getByRole("button", { name: "Put it to three solvers" }).click();
  await page.getByText("SAME BITS").waitFor();
  await page.goto(at("/run/A1%2F1"));
  await page.getByRole("link", { name: "Compare with it" }).click();
  await page.getByText("TWO QUESTIONS").waitFor();
  await page.getByRole("link", { name: "Gate" }).click();
  await page.getByRole("link", { name: "queue/trades" }).click();
  await page.getByRole("button", { name: "Replay five ways" }).click();
  await page.locator(".chip.good").waitFor();
  assert.deepEqual(wrong, []);
  await own.close();
});

test("keyboard alone reaches a verdict and a reason", async () => {
  const own = await context();
  const { page, wrong } = await watched(own);
  /** Presses Tab until what has the focus fits. */
  const tabTo = async (fits) => {
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const own = document.activeElement;
        const style = getComputedStyle(own);
        return { text: own.textContent.trim(), html: own.outerHTML.slice(0, 120), href: own.getAttribute("href"), ring: style.outlineStyle !== "none" || own.matches(".skip") };
      });
      assert.ok(focus.ring, `${focus.html} shows no focus`);
      if (fits(focus)) return;
    }
    assert.fail("no such element in 200 presses");
  };
  await page.goto(at("/runs?account=A1&to=2017-02-08"));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await tabTo(({ text }) => text === "A1/0");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/run/*");
  await tabTo(({ text }) => text === "Replay");
  await page.keyboard.press("Enter");
  await page.locator("#replay [role=status]").waitFor();
  await tabTo(({ href }) => href?.includes("/trade/"));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/trade/*");
  assert.deepEqual(wrong, []);
  await own.close();
});

test("without scripts all of it works", async () => {
  const own = await context({ javaScriptEnabled: false });
  await clickThrough(await own.newPage());
  await own.close();
});

test("a narrow window scrolls tables, not the page", async () => {
  for (const colorScheme of THEMES) {
    const own = await context({ colorScheme, viewport: { width: 320, height: 640 } });
    const { page } = await watched(own);
    for (const [name, path] of PAGES) {
      await page.goto(at(path));
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 320, `${name} is ${width} wide`);
    }
    await picture(page, `narrow-${colorScheme}`);
    await own.close();
  }
});

test("no violation that axe finds, in both themes", async () => {
  for (const colorScheme of THEMES) {
    const own = await context({ colorScheme, bypassCSP: true });
    const page = await own.newPage();
    const check = async (name) => {
      await page.evaluate(AXE);
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const told = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
      assert.deepEqual(told, [], `${name}, ${colorScheme}`);
    };
    for (const [name, path] of PAGES) {
      await page.goto(at(path));
      for (const summary of await page.locator("summary").all()) await summary.click();
      await check(name);
    }
    await page.goto(at("/run/A1%2F0"));
    await page.getByRole("button", { name: "Replay" }).click();
    await page.locator("#replay [role=status]").waitFor();
    await check("replayed");
    await page.locator("section[aria-labelledby=q1] tbody a").first().click();
    await page.waitForURL("**/trade/*");
    await check("trade");
    await own.close();
  }
});

test("no page violates the policy", async () => {
  const own = await context();
  const { page, wrong } = await watched(own);
  for (const [name, path] of PAGES.filter(([name]) => name !== "not found")) {
    await page.goto(at(path), { waitUntil: "networkidle" });
    assert.deepEqual(wrong, [], name);
  }
  await own.close();
});

test("pictures are drawn and look as the theme does", async () => {
  for (const colorScheme of THEMES) {
    const own = await context({ colorScheme });
    const { page, wrong } = await watched(own);
    await page.goto(at("/account?name=A1"));
    const images = await page.locator("figure img").all();
    assert.ok(images.length >= 3);
    for (const image of images) {
      await image.scrollIntoViewIfNeeded();
      await page.waitForFunction((own) => own.complete && own.naturalWidth > 0, await image.elementHandle());
      assert.ok((await image.getAttribute("alt")).length > 20);
    }
    assert.deepEqual(wrong, []);
    await picture(page, `account-${colorScheme}`);
    await own.close();
  }
});

test("strings of records are text", async () => {
  const own = await context();
  const { page, wrong } = await watched(own);
  await page.goto(at("/runs"));
  const link = page.getByRole("link", { name: "<script>document.title" });
  await link.click();
  assert.match(await page.title(), /^Run <script>/);
  assert.equal(await page.locator('img[src="x"], main script, main style').count(), 0);
  await page.locator("section[aria-labelledby=q1] tbody a").first().click();
  await page.waitForURL("**/trade/*");
  assert.match(await page.locator("h1").innerText(), /\\u\{202e\}<\/table><img src=x onerror=alert\(1\)>/);
  assert.deepEqual(wrong, []);
  await own.close();
});

test("another name of this machine is misdirected", async () => {
  const own = await context();
  const answer = await (await own.newPage()).goto(`http://${FOREIGN}:${new URL(server.origin).port}/runs`);
  assert.equal(answer.status(), 421);
  await own.close();
});

test("a form of another site is forbidden", async () => {
  const form = `<!DOCTYPE html><title>t</title><form method=post action="${at("/run/A1%2F0/replay")}"><button>go</button></form>`;
  const other = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(form));
  await new Promise((ready) => other.listen(0, "127.0.0.1", ready));
  const own = await context();
  const page = await own.newPage();
  await page.goto(`http://${FOREIGN}:${other.address().port}/`);
  const [answer] = await Promise.all([page.waitForResponse((one) => one.url().endsWith("/replay")), page.click("button")]);
  assert.equal(answer.status(), 403);
  await own.close();
  other.close();
});

test("a browser that was not let in sees nothing", async () => {
  const own = await browser.newContext();
  const page = await own.newPage();
  assert.equal((await page.goto(at("/runs"))).status(), 401);
  assert.equal((await page.goto(server.url)).status(), 401, "the printed address works once");
  await own.close();
});

test("pictures of the pages", async () => {
  for (const colorScheme of THEMES) {
    const own = await context({ colorScheme, viewport: { width: 1200, height: 800 } });
    const page = await own.newPage();
    const shoot = (name) => picture(page, `${name}-${colorScheme}`);
    await page.goto(at("/runs"));
    await shoot("runs");
    await page.goto(at("/runs?to=2017-03-09"));
    await page.locator("tbody th a").first().click();
    await page.getByRole("button", { name: "Replay" }).click();
    await page.locator("#replay [role=status]").waitFor();
    await shoot("replay");
    const trades = page.locator("section[aria-labelledby=q1] table").first().locator("tbody tr");
    const sold = trades.filter({ has: page.getByRole("cell", { name: "sell", exact: true }) });
    const chosen = (await sold.count()) > 0 ? sold : trades;
    if ((await chosen.count()) > 0) {
      await chosen.first().getByRole("link").click();
      await page.waitForURL("**/trade/*");
      await shoot("trade");
    }
    for (const name of ["fleet", "gate"]) {
      await page.goto(at(`/${name}`));
      await shoot(name);
    }
    await own.close();
  }
});

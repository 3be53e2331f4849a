// A server of the page under test, and the browser that was let in.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const { SAMEBITS, STORE, GATE, PICTURES, CHROMIUM } = process.env;
mkdirSync(PICTURES, { recursive: true });

/** Starts `samebits serve`; returns the printed address and how to end it. */
export async function serve() {
  const child = spawn(SAMEBITS, ["serve", "--json", "--store", STORE, "--gate", GATE], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    if (line === "}") break;
  }
  const { url } = JSON.parse(text);
  return { url, origin: new URL(url).origin, end: () => child.kill("SIGINT") };
}

/** A name of the network that leads to this machine: what a page of another site could use. */
export const FOREIGN = "foreign.test";

export const launch = () =>
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", `--host-resolver-rules=MAP ${FOREIGN} 127.0.0.1`] });

/** Opens the printed address once; returns what another context needs to be the same browser. */
export async function enter(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForURL("**/runs");
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A page that keeps what goes wrong on it: violations of the policy, errors, dialogs. */
export async function watched(context) {
  const page = await context.newPage();
  const wrong = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  return { page, wrong };
}

export const picture = (page, name) => page.screenshot({ path: `${PICTURES}/${name}.png` });

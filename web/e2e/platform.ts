// The real binary on a throw-away data directory with the demo market, and what tests ask it beside the pages.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { test as base, expect, type Page } from "@playwright/test";

const BINARY = process.env["TALLYSTICK"] ?? join(import.meta.dirname, "../../target/debug/tallystick");

/** What people choose who join in a test. */
const PASSWORD = "a long enough password";

type Demo = Record<string, string> & { passwords: Record<string, string> };

/** A running platform. */
export class Platform {
  private constructor(
    private process: ChildProcess,
    private readonly directory: string,
    private readonly options: readonly string[],
    readonly url: string,
    /** What the seed wrote: keys of the demo market's parties. */
    readonly demo: Readonly<Record<string, string>>,
    /** Passwords of the demo market's people, by e-mail address. */
    readonly passwords: Record<string, string>,
  ) {}

  /** Starts one and waits until it is ready. */
  static async start(...options: string[]): Promise<Platform> {
    const directory = await mkdtemp(join(tmpdir(), "tallystick-e2e-"));
    const child = serve(directory, "127.0.0.1:0", options);
    const url = await readyUrl(child);
    const { passwords, ...demo } = JSON.parse(await readFile(join(directory, "data/demo.json"), "utf8")) as Demo;
    return new Platform(child, directory, options, url, demo, passwords);
  }

  /** Stops it and removes what it wrote. */
  async stop(): Promise<void> {
    await this.halt();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Lets it run a sixth of the time only, as on a much slower machine, until what is answered is called. */
  limp(): () => void {
    const turn = (signal: NodeJS.Signals, milliseconds: number) => {
      this.process.kill(signal);
      timer = setTimeout(() => turn(signal === "SIGSTOP" ? "SIGCONT" : "SIGSTOP", signal === "SIGSTOP" ? 20 : 100), milliseconds);
    };
    let timer: NodeJS.Timeout | undefined;
    turn("SIGSTOP", 100);
    return () => {
      clearTimeout(timer);
      this.process.kill("SIGCONT");
    };
  }

  /** Stops it for a while. */
  async halt(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await gone;
  }

  /** Starts it again, at the same address and with what it wrote before. */
  async resume(): Promise<void> {
    this.process = serve(this.directory, new URL(this.url).host, this.options);
    await readyUrl(this.process);
  }

  /** Where everything lies that must survive. */
  get data(): string {
    return join(this.directory, "data");
  }

  /** Has a command of the program do its work on all that, beside the platform, and answers what it says; failing fails the test. */
  async command(name: string, ...of: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(BINARY, [name, "--data", this.data, ...of]);
    return stdout;
  }

  /** Asks the API as one of the demo's parties, with a key or token, or as nobody; GraphQL errors fail the test. */
  async ask<Data>(key: string, query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key === "" ? {} : { Authorization: `Bearer ${this.demo[key] ?? key}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data: Data; errors?: unknown };
    expect(body.errors).toBeUndefined();
    return body.data;
  }

  /** Has a mutation done and answers what of its payload was selected; a refusal fails the test. */
  async done<Payload>(key: string, mutation: string, selection: string, input: object, type?: string): Promise<Payload> {
    const inputType = type ?? `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation($input: ${inputType}!) { ${mutation}(input: $input) { ${selection} errors { code message } } }`;
    const data = await this.ask<Record<string, Payload & { errors: unknown[] }>>(key, document, { input });
    const payload = data[mutation];
    if (payload === undefined) throw new Error(`${mutation} was not answered`);
    expect(payload.errors).toEqual([]);
    return payload;
  }

  /** Founds an organization whose owner is `who@join.example`, and answers its owner's session token. */
  async join(who: string, organizationName: string, timeZone = "Asia/Shanghai"): Promise<string> {
    const person = { email: `${who}@join.example`, password: PASSWORD };
    const organization = { organizationName, name: who, country: "CN", timeZone, currency: "CNY" };
    await this.done("", "signUp", "organization { id }", { ...organization, ...person });
    this.passwords[person.email] = PASSWORD;
    const { session } = await this.done<{ session: { token: string } }>("", "signIn", "session { token }", person);
    return session.token;
  }
}

function serve(directory: string, listen: string, options: readonly string[]): ChildProcess {
  const flags = ["serve", "--data", join(directory, "data"), "--listen", listen, "--seed", "demo", ...options];
  return spawn(BINARY, flags, { stdio: ["ignore", "pipe", "ignore"] });
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("no stdout");
  for await (const line of createInterface(child.stdout)) {
    const ready = JSON.parse(line) as { ready?: boolean; url: string };
    if (ready.ready === true) return ready.url;
  }
  throw new Error(`${BINARY} ended before it was ready`);
}

/** Opens a page in a browser of its own, for one more person, which prefers a locale. */
type OpenPage = (locale: string) => Promise<Page>;

/** Each worker has a platform; pages start at its address, and no page may log an error. */
export const test = base.extend<{ isQuiet: boolean; quiet: void; openPage: OpenPage }, { options: readonly string[]; platform: Platform }>({
  /** Further options of the worker's platform. */
  options: [[], { option: true, scope: "worker" }],
  platform: [
    async ({ options }, use) => {
      const platform = await Platform.start(...options);
      await use(platform);
      await platform.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ platform }, use) => use(platform.url),
  openPage: async ({ browser, platform }, use) => {
    const opened: { page: Page; errors: string[] }[] = [];
    await use(async (locale) => {
      const page = await (await browser.newContext({ baseURL: platform.url, locale })).newPage();
      opened.push({ page, errors: listenForErrors(page) });
      return page;
    });
    for (const { page, errors } of opened) {
      await page.context().close();
      expect(errors, "errors in the page").toEqual([]);
    }
  },
  /** Whether an error that a page logs fails the test. */
  isQuiet: [true, { option: true }],
  quiet: [
    async ({ page, isQuiet }, use) => {
      const errors = listenForErrors(page);
      await use();
      if (isQuiet) expect(errors, "errors in the page").toEqual([]);
    },
    { auto: true },
  ],
});

function listenForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // The browser itself reports every refused request; tests of refusals look at the page instead.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
  });
  return errors;
}

export { expect };

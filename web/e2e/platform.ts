// The real binary on a throw-away data directory with the demo market, and what tests ask it beside the pages.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test as base, expect, type Page } from "@playwright/test";

const BINARY = process.env["TALLYSTICK"] ?? join(import.meta.dirname, "../../target/debug/tallystick");

/** What people choose who join in a test. */
const PASSWORD = "a long enough password";

type Demo = Record<string, string> & { passwords: Record<string, string> };

/** A running platform. */
export class Platform {
  private constructor(
    private readonly process: ChildProcess,
    private readonly directory: string,
    readonly url: string,
    /** What the seed wrote: keys of the demo market's parties. */
    readonly demo: Readonly<Record<string, string>>,
    /** Passwords of the demo market's people, by e-mail address. */
    readonly passwords: Record<string, string>,
  ) {}

  /** Starts one and waits until it is ready. */
  static async start(...options: string[]): Promise<Platform> {
    const directory = await mkdtemp(join(tmpdir(), "tallystick-e2e-"));
    const data = join(directory, "data");
    const flags = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--seed", "demo", ...options];
    const child = spawn(BINARY, flags, { stdio: ["ignore", "pipe", "ignore"] });
    const url = await readyUrl(child);
    const { passwords, ...demo } = JSON.parse(await readFile(join(data, "demo.json"), "utf8")) as Demo;
    return new Platform(child, directory, url, demo, passwords);
  }

  /** Stops it and removes what it wrote. */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await gone;
    await rm(this.directory, { recursive: true, force: true });
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
  async join(who: string, organizationName: string): Promise<string> {
    const person = { email: `${who}@join.example`, password: PASSWORD };
    const organization = { organizationName, name: who, country: "CN", timeZone: "Asia/Shanghai", currency: "CNY" };
    await this.done("", "signUp", "organization { id }", { ...organization, ...person });
    this.passwords[person.email] = PASSWORD;
    const { session } = await this.done<{ session: { token: string } }>("", "signIn", "session { token }", person);
    return session.token;
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("no stdout");
  for await (const line of createInterface(child.stdout)) {
    const ready = JSON.parse(line) as { ready?: boolean; url: string };
    if (ready.ready === true) return ready.url;
  }
  throw new Error(`${BINARY} ended before it was ready`);
}

/** Each worker has a platform; pages start at its address, and no page may log an error. */
export const test = base.extend<{ quiet: void }, { platform: Platform }>({
  platform: [
    async ({}, use) => {
      const platform = await Platform.start();
      await use(platform);
      await platform.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ platform }, use) => use(platform.url),
  quiet: [
    async ({ page }, use) => {
      const errors = listenForErrors(page);
      await use();
      expect(errors, "errors in the page").toEqual([]);
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

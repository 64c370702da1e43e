// A provider's endpoint of a test's own: it answers every call with the same output.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What an endpoint of `language-identification` says to a Chinese text. */
export const MANDARIN = { language: "cmn", name: "Mandarin", script: "Han", confidence: 1, reliable: true };

/** An endpoint on this machine; platforms call it only with `--allow-private-networks`. */
export class Upstream {
  private constructor(
    private readonly server: Server,
    /** As a listing names it. */
    readonly endpoint: string,
  ) {}

  static async start(output: object): Promise<Upstream> {
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(output));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Upstream(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

/** One browser for the tests of a file, and for each test an agent that is played; what a page complains of fails the test. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "bun:test";
import type { Page } from "playwright-core";
import { InspectedAgent } from "./inspected-agent.ts";
import { WatchedBrowser, type View } from "./watched-browser.ts";
import { httpTunnel } from "./tunnel-definitions.ts";

/** A browser is started and a machine may be busy; nothing here measures time. */
export const BROWSER_MS = 60_000;

export class InspectorScene {
  readonly #started: { browser?: WatchedBrowser; agent?: InspectedAgent } = {};

  /** Of the test that runs; its tunnel is named shop. */
  get agent(): InspectedAgent {
    if (this.#started.agent === undefined) throw new Error("no test runs");
    return this.#started.agent;
  }

  /** A page of the inspector, once it is in touch with the agent. */
  async open(path = "/inspect/http", view: View = {}): Promise<Page> {
    return await this.#browser.open(this.agent.url + path, view);
  }

  /** What pages have complained of; asked for, it is taken as expected. */
  takeFaults(): readonly string[] {
    return this.#browser.faults.splice(0);
  }

  /** Sets up the tests of the file that calls it. */
  static forThisFile(): InspectorScene {
    const scene = new InspectorScene();
    beforeAll(async () => {
      scene.#started.browser = await WatchedBrowser.start();
    }, BROWSER_MS);
    afterAll(async () => {
      await scene.#started.browser?.[Symbol.asyncDispose]();
    });
    beforeEach(() => {
      const agent = new InspectedAgent();
      agent.run(httpTunnel({ name: "shop" }));
      scene.#started.agent = agent;
    });
    afterEach(async () => {
      await scene.#started.agent?.[Symbol.asyncDispose]();
      expect(scene.takeFaults()).toEqual([]);
    });
    return scene;
  }

  get #browser(): WatchedBrowser {
    if (this.#started.browser === undefined) throw new Error("no test runs");
    return this.#started.browser;
  }
}

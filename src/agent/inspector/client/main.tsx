/** Where the browser begins. */
import { render } from "hono/jsx/dom";
import { followAgent } from "./data/agent.ts";
import { App } from "./shell/app.tsx";

const root = document.getElementById("app");
if (root !== null) {
  render(<App />, root);
  followAgent();
}

/** Where the browser begins. */
import { render } from "hono/jsx/dom";
import { followAgent } from "./data/agent.ts";
import { App } from "./shell/app.tsx";

const root = document.getElementById("inspector");
if (root !== null) {
  render(<App />, root);
  followAgent();
}

/**
 * Where the browser begins. The dashboard shows and changes what an account has, through the management API alone; resources/ says as
 * data what there is, resource/ draws any of it. Nothing here decides what is allowed: the edge does, and its words are shown.
 */
import { render } from "hono/jsx/dom";
import { resumeSession } from "./data/session.ts";
import { App } from "./shell/app.tsx";

const root = document.getElementById("app");
if (root !== null) {
  render(<App />, root);
  void resumeSession();
}

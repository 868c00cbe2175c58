/** Where the browser begins. */
import { render } from "hono/jsx/dom";

const root = document.getElementById("inspector");
if (root !== null) render(<p>ginnel</p>, root);

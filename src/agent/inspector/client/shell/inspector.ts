/** What all parts of the page share: where they are, and whether somebody filters by header. */
import { HeaderIndex } from "../data/header-index.ts";
import { Router } from "./route.ts";

export const router = new Router();
export const headerIndex = new HeaderIndex();

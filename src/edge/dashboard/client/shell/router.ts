import { Router } from "../../../../web-ui/client/router.ts";
import { formatRoute, parseRoute } from "./route.ts";

/** Where this page is. */
export const router = new Router({ parse: parseRoute, format: formatRoute });

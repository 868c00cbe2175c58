import { PageAssets } from "../../web-ui/server/page-assets.ts";
import { bundleClient } from "../../web-ui/server/bundle.ts" with { type: "macro" };

export const ASSETS = new PageAssets("inspector", bundleClient("agent/inspector/client"));

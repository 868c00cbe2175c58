/**
 * The dashboard: what the management API can do, for people with a browser. The server's part is here: sessions, the guard against pages
 * of strangers, the few calls that the API does not have, and the files of the pages; client/ holds what runs in the browser. This folder
 * changes nothing by itself: every change is a call of the management API.
 */
import { Hono } from "hono";
import { PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import { emptyAnswer, jsonAnswer } from "../../http-api/json-answer.ts";
import { protectiveHeaders } from "../../http-api/protective-headers.ts";
import { pageWish } from "../management/call-request.ts";
import { failureAnswer } from "../management/failure-answer.ts";
import { managementApi, type ManagementEnv } from "../management/management-api.ts";
import { PAGE_NAMES } from "./client/shell/page-name.ts";
import type { DashboardServices } from "./dashboard-services.ts";
import { auditView, sessionView } from "./dashboard-views.ts";
import { pageRoutes } from "./pages.ts";
import { SignIns } from "./sign-ins.ts";
import { strangerGuard } from "./stranger-guard.ts";
import { trafficView } from "./traffic-view.ts";

/** Everything of the dashboard is below. */
export const DASHBOARD_PATH = "/dashboard";
const READING = "GET, HEAD";
/** As addresses begin; the first is the overview without its name. What is not among them is no page, so that it stays guarded. */
const PAGES: ReadonlySet<string> = new Set(["", ...PAGE_NAMES]);

/** To be called with requests at and below {@link DASHBOARD_PATH}, and the caller's address. */
export function dashboardApp({ management, hosts, traffic }: DashboardServices): Hono<ManagementEnv> {
  const { store, clock, log } = management;
  const signIns = new SignIns(management);
  const app = new Hono<ManagementEnv>({ strict: false }).basePath(DASHBOARD_PATH);
  // Pages of other origins get nothing here, whoever the API lets call with a key: a cookie comes by itself.
  const api = managementApi({ ...management, allowedOrigins: [] }, async (request, ip) => {
    const { caller } = await signIns.whoSends(request, ip);
    return caller;
  });

  app.use(protectiveHeaders, async (context, next) => {
    context.set("operationId", newId("op", clock.date()));
    await next();
  });
  app.use(strangerGuard(hosts, isPage));
  app.post("/session", async ({ req, env }) => {
    const cookie = await signIns.begin(req.raw, env?.ip ?? "");
    return withCookie(cookie);
  });
  app.get("/session", async ({ req, env }) => jsonAnswer(sessionView(await signIns.whoSends(req.raw, env?.ip ?? ""))));
  app.delete("/session", ({ req }) => withCookie(signIns.end(req.raw)));
  app.get("/traffic", async ({ req, env }) => {
    const { caller } = await signIns.whoSends(req.raw, env?.ip ?? "");
    return jsonAnswer(trafficView(clock.date(), await traffic(caller.account.id)));
  });
  app.get("/audit", async ({ req, env }) => {
    const { caller } = await signIns.whoSends(req.raw, env?.ip ?? "");
    const page = pageWish(new URL(req.url).searchParams, { idPrefix: "au" });
    return jsonAnswer(auditView(await store.audit(caller.account.id, page), page));
  });
  app.mount("/api", api.fetch);
  pageRoutes(app);
  app.all("*", ({ req }) => {
    throw new PublicError("ERR_GINNEL_METHOD", { method: req.method, allowed: READING });
  });
  app.onError((error, context) => failureAnswer(error, context.get("operationId"), log));
  return app;
}

function isPage(path: string): boolean {
  const [, , page = ""] = path.split("/");
  return PAGES.has(page);
}

function withCookie(cookie: string): Response {
  const answer = emptyAnswer();
  answer.headers.append("Set-Cookie", cookie);
  return answer;
}

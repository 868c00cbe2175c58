import { afterAll, expect, spyOn, test } from "bun:test";
import { allRecords } from "../../../../../src/edge/dashboard/client/data/record-pages.ts";
import { ipPolicyRules } from "../../../../../src/edge/dashboard/client/resources/ip-policies.ts";
import { DashboardCalls } from "../../../../support/dashboard-calls.ts";

const fetching = spyOn(globalThis, "fetch");
afterAll(() => fetching.mockRestore());

/** Calls of the pages are answered by this. */
function answerCalls(answer: (path: string) => Promise<Response>): void {
  fetching.mockImplementation(Object.assign((path: unknown) => answer(String(path)), { preconnect: () => {} }));
}

test("allRecords reads the rules of the policy that is meant, and no others", async () => {
  await using scene = await DashboardCalls.open();
  const cookie = await scene.signIn();
  const [one, other] = [
    await scene.management.create("ip_policies", {}),
    await scene.management.create("ip_policies", {}),
  ];
  const rule = { action: "allow", cidr: "192.0.2.0/24" };
  const own = await scene.management.create("ip_policy_rules", { ...rule, ip_policy_id: one.id });
  await scene.management.create("ip_policy_rules", { ...rule, ip_policy_id: other.id });
  answerCalls((path) => scene.send("GET", path, { cookie }));
  expect((await allRecords(ipPolicyRules(one.id))).map(({ id }) => id)).toEqual([own.id]);
});

test("allRecords goes on behind a page on which the filter left nothing", async () => {
  const asked: (string | null)[] = [];
  answerCalls((path) => {
    const beforeId = new URL(path, "https://api.e.test").searchParams.get("before_id");
    asked.push(beforeId);
    const next = "https://api.e.test/ip_policy_rules?before_id=ipr_5&limit=100";
    const found = beforeId === null ? [] : [{ id: "ipr_1" }];
    return Promise.resolve(Response.json({ ip_policy_rules: found, next_page_uri: beforeId === null ? next : null }));
  });
  const records = await allRecords(ipPolicyRules("ipp_1"));
  expect([asked, records.map(({ id }) => id)]).toEqual([[null, "ipr_5"], ["ipr_1"]]);
});

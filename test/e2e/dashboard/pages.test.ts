/** What differs from page to page. */
import { expect, test } from "bun:test";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";
import { accessibilityFaults } from "../../support/watched-browser.ts";

const visit = DashboardVisit.forThisFile();

test(
  "the overview shows what passes, from one look to the next",
  async () => {
    const { edge } = visit;
    await edge.addRecords();
    await using page = await visit.open();
    const row = page.getByRole("table", { name: "Endpoints online" }).getByRole("row").nth(1);
    await row.getByText("9.88 MB").waitFor();
    expect(await row.innerText()).toMatch(/https:\/\/a\.e\.test\s+–\s+120\s+3\s+45\.7 kB/);
    await row.getByText("0.0").waitFor(); // the second look
    const [before] = edge.traffic;
    if (before === undefined) throw new Error("nothing passes");
    edge.traffic[0] = { ...before, requests: before.requests + 1_000_000, visitorsOpen: 4 };
    await page
      .locator(".chart-now")
      .filter({ hasText: /^\d{5,}/ })
      .first()
      .waitFor();
    await page.getByRole("img", { name: /Visitors connected over the last two minutes, at most 4/ }).waitFor();
    await page.getByRole("link", { name: "https://a.e.test" }).click();
    await page.getByText("http://localhost:80").waitFor();
  },
  BROWSER_MS,
);

test(
  "of thousands of endpoints the overview shows those with the most traffic, and adds up all",
  async () => {
    const { edge } = visit;
    await edge.addRecords();
    const [figures] = edge.traffic;
    if (figures === undefined) throw new Error("nothing passes");
    for (let number = 0; number < 10_000; number++) {
      const endpointId = `${figures.endpointId.slice(0, -5)}${String(number).padStart(5, "0")}`;
      edge.traffic.push({
        ...figures,
        endpointId,
        url: `https://shop-${number}.e.test`,
        bytesOut: number,
        visitorsOpen: 1,
      });
    }
    await using page = await visit.open();
    await page.getByText("The 50 with the most traffic of 10,001.").waitFor();
    const rows = page.getByRole("table", { name: "Endpoints online" }).getByRole("row");
    expect(await rows.count()).toBe(51);
    await rows.nth(1).getByText("https://a.e.test").waitFor();
    await rows.nth(2).getByText("https://shop-9999.e.test").waitFor();
    await page.locator(".chart-now").getByText("10,003").waitFor();
    await page.getByRole("link", { name: "To all endpoints" }).click();
    await page.getByRole("heading", { name: "Endpoints" }).waitFor();
  },
  BROWSER_MS,
);

test(
  "the overview shows no present while the edge cannot be asked, and goes on when it can",
  async () => {
    await visit.edge.addRecords();
    await using page = await visit.open();
    const now = page.locator(".chart-now");
    await now.getByText("0.0/s").waitFor(); // the second look
    const recovery = Promise.withResolvers<void>();
    let looks = 0;
    await page.route("**/dashboard/traffic", async (route) => {
      looks += 1;
      if (looks === 1) return route.fulfill({ status: 503, body: "" });
      await recovery.promise;
      return route.continue();
    });
    await page.getByRole("alert").getByText("Below is what was known last.").waitFor();
    expect(await now.allInnerTexts()).toEqual(["–", "–", "–", "–"]);
    await page.getByRole("row").filter({ hasText: "9.88 MB" }).waitFor();
    visit.expectRefusal(503);
    recovery.resolve();
    await now.getByText("0.0/s").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  },
  BROWSER_MS,
);

test(
  "a certificate of many names is a row like others, and its page has all of them",
  async () => {
    const names = Array.from({ length: 40 }, (_, number) => `host${number}.example.com`);
    const pair = await issueLeaf(await createCa("Test", new Date()), names, new Date());
    const record = { certificate_pem: pair.certPem, private_key_pem: pair.keyPem };
    await visit.edge.scene.create("tls_certificates", record);
    await using page = await visit.open("certificates");
    const row = page.getByRole("row").nth(1);
    await row.getByText("and 37 more").waitFor();
    expect(await row.getByText("host3.example.com").count()).toBe(0);
    await row.getByRole("link").click();
    await page.locator(".record-facts").getByText("host39.example.com").waitFor();
  },
  BROWSER_MS,
);

test.each([
  [true, "everybody gets in from everywhere: agents"],
  [false, "It keeps nobody out now"],
])(
  "an IP restriction, enforced: %p, tells what it means to delete it",
  async (enforced, words) => {
    const { scene } = visit.edge;
    const policy = await scene.create("ip_policies", { description: "office" });
    await scene.create("ip_restrictions", { type: "agent", enforced, ip_policy_ids: [policy.id] });
    await using page = await visit.open("ip-restrictions");
    await page.getByRole("button", { name: "Delete agent" }).click();
    await page.locator("dialog").getByText(words).waitFor();
  },
  BROWSER_MS,
);

test(
  "the overview asks nothing while nobody sees it",
  async () => {
    await using page = await visit.open();
    await page.clock.install();
    await page.reload();
    await page.waitForResponse(/\/dashboard\/traffic$/);
    await page.evaluate(
      "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }); document.dispatchEvent(new Event('visibilitychange'))",
    );
    const calls: string[] = [];
    page.on("request", (request) => calls.push(request.url()));
    await page.clock.runFor(60_000);
    expect(calls).toEqual([]);
    const next = page.waitForRequest(/\/dashboard\/traffic$/);
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    await next;
  },
  BROWSER_MS,
);

test.each(["Stop", "Restart"])(
  "an agent is told to %s when somebody says yes",
  async (label) => {
    const { session } = await visit.edge.scene.bringOnline();
    await using page = await visit.open("agents");
    const row = page.getByRole("row").filter({ hasText: "192.0.2.1" });
    expect(await row.innerText()).toMatch(/3\.39\.0.*linux.*us/s);
    await row.getByRole("button", { name: label }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(visit.edge.scene.commands).toEqual([]);
    await row.getByRole("button", { name: label }).click();
    await page.locator("dialog").getByRole("button", { name: label, exact: true }).click();
    await page.getByText(`The agent was told to ${label.toLowerCase()}`).waitFor();
    expect(visit.edge.scene.commands).toEqual([`${label.toLowerCase()} ${session.id}`]);
  },
  BROWSER_MS,
);

test(
  "endpoints of agents can be looked at and not changed",
  async () => {
    await visit.edge.scene.bringOnline();
    await using page = await visit.open("endpoints");
    const row = page.getByRole("row").filter({ hasText: "https://a.e.test" });
    await row.getByText("agent", { exact: true }).waitFor();
    expect(await row.getByRole("button").count()).toBe(0);
    await row.getByRole("link").click();
    await page.getByRole("link", { name: /^ts_/ }).click();
    await page.getByText("ngrok/2").waitFor();
  },
  BROWSER_MS,
);

test(
  "a policy has rules, which are made, changed and deleted on its page",
  async () => {
    const { scene } = visit.edge;
    const other = await scene.create("ip_policies", { description: "elsewhere" });
    await scene.create("ip_policy_rules", { ip_policy_id: other.id, cidr: "10.0.0.0/8", action: "deny" });
    const policy = await scene.create("ip_policies", { description: "office" });
    await using page = await visit.open(`ip-policies/${policy.id}`);
    await page.getByText("There is no rule").waitFor();
    await page.getByRole("button", { name: "Add rule" }).click();
    await page.getByLabel("Network").fill("203.0.113.300");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("#field-cidr-fault").waitFor();
    visit.expectRefusal(400);
    await page.getByLabel("Network").fill("203.0.113.0/24");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("row").filter({ hasText: "203.0.113.0/24" }).getByText("allow").waitFor();
    await page.getByRole("button", { name: "Edit allow 203.0.113.0/24" }).click();
    await page.getByLabel("Network").fill("198.51.100.0/24");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Delete allow 198.51.100.0/24" }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("There is no rule").waitFor();
    const { json } = await scene.call("GET", "/ip_policy_rules");
    expect(json["ip_policy_rules"]).toMatchObject([{ cidr: "10.0.0.0/8" }]);
  },
  BROWSER_MS,
);

test(
  "a domain gets a certificate by choice, and gives it back",
  async () => {
    const { scene } = visit.edge;
    await visit.edge.addRecords();
    const domain = await scene.create("reserved_domains", { domain: "files.example.com" });
    await using page = await visit.open(`domains/${domain.id}`);
    const choose = async (label: string | RegExp): Promise<void> => {
      await page
        .getByRole("button", { name: "Edit domain files.example.com" })
        .or(page.getByRole("button", { name: "Edit files.example.com" }))
        .click();
      const choice = page.getByLabel("Certificate");
      await choice.getByRole("option", { name: "Uploaded: shop.example.com" }).waitFor({ state: "attached" });
      const options = await choice.getByRole("option").allInnerTexts();
      await choice.selectOption({ label: options.find((option) => option.match(label) !== null) ?? "" });
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator("dialog").waitFor({ state: "detached" });
    };
    const stored = async () => (await scene.call("GET", `/reserved_domains/${domain.id}`)).json;
    await choose("Uploaded: shop.example.com");
    await page.getByText("uploaded", { exact: true }).waitFor();
    expect(await stored()).toMatchObject({ certificate: { id: expect.stringMatching(/^cert_/) } });
    await choose("Ordered for this domain, RSA key");
    await page.getByText("ordered", { exact: true }).waitFor();
    expect(await stored()).toMatchObject({
      certificate: null,
      certificate_management_policy: { private_key_type: "rsa" },
    });
    await choose("Left to the edge");
    await page.getByText("by the edge", { exact: true }).waitFor();
    expect(await stored()).toMatchObject({ certificate: null, certificate_management_policy: null });
  },
  BROWSER_MS,
);

test(
  "what the edge refuses of a policy stands at the policy, and what is missing at what is missing",
  async () => {
    await using page = await visit.open("endpoints");
    await page.getByRole("button", { name: "Create cloud endpoint" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("#field-url-fault").getByText("URL is needed.").waitFor();
    await page.getByLabel("URL", { exact: true }).fill("ftp://x");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("#field-url-fault").getByText("ERR_NGROK_215").waitFor();
    visit.expectRefusal(400);
    await page.getByLabel("URL", { exact: true }).fill("https://x.e.test");
    await page.getByLabel("Traffic policy").fill("on_http_request: [{actions: [{type: nonsense}]}]");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("#field-traffic_policy-fault").getByText("ERR_NGROK_2201").waitFor();
    visit.expectRefusal(400);
    expect(await page.locator(":focus").getAttribute("id")).toBe("field-traffic_policy");
  },
  BROWSER_MS,
);

test(
  "what cannot be done is said in words with its code",
  async () => {
    await visit.edge.addRecords();
    await using page = await visit.open("ip-policies");
    await page.getByRole("button", { name: "Delete office" }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("alert").getByText("ERR_NGROK_1420").waitFor();
    visit.expectRefusal(409);
    await page.keyboard.press("Escape");
    await page.getByRole("row").filter({ hasText: "office" }).waitFor();
  },
  BROWSER_MS,
);

test(
  "long lists come in pages",
  async () => {
    const { scene } = visit.edge;
    for (let number = 0; number < 60; number++) await scene.create("ip_policies", { description: `number ${number}` });
    await using page = await visit.open("ip-policies");
    await page.getByText("number 59").waitFor();
    const older = page.getByRole("button", { name: "Older" });
    const rows = page.locator("tbody tr");
    expect(await rows.count()).toBe(50);
    await older.click();
    await page.getByText("number 0", { exact: true }).waitFor();
    expect(await rows.count()).toBe(60);
    expect(await older.count()).toBe(0);
    await page.getByRole("link", { name: "Audit log" }).click();
    await older.click();
    await page.locator(".entry").nth(60).waitFor();
  },
  BROWSER_MS,
);

test.each([
  ["agents", "ginnel http 8080"],
  ["endpoints", "ginnel http 8080"],
  ["domains", "ginnel http 8080 --url"],
  ["tcp-addresses", "ginnel tcp 22 --url"],
  ["certificates", "Upload certificate"],
  ["certificate-authorities", "Upload certificate authority"],
  ["authtokens", "ginnel config add-authtoken"],
  ["ip-policies", "Create IP policy"],
  ["ip-restrictions", "Create IP restriction"],
  ["", "ginnel http 8080"],
])(
  "the page %p tells what to do while it is empty",
  async (path, words) => {
    await using page = await visit.open(path);
    await page.locator(".empty-list").first().waitFor();
    expect(await page.locator("#content").innerText()).toContain(words);
    expect(await accessibilityFaults(page)).toEqual([]);
  },
  BROWSER_MS,
);

test(
  "the audit log tells who changed what, before and after",
  async () => {
    const { scene } = visit.edge;
    const { id } = await scene.create("ip_policies", { description: "first words" });
    await scene.call("PATCH", `/ip_policies/${id}`, { body: { description: "last words" } });
    await using page = await visit.open("audit-log");
    const entry = page.getByRole("listitem").filter({ hasText: "updated" });
    expect(await entry.innerText()).toContain("IP policy");
    expect(await entry.innerText()).toContain(scene.one.keyId);
    await entry.getByText("1 field").click();
    await entry.getByText("first words").waitFor();
    await entry.getByText("last words").waitFor();
    await entry.getByRole("link", { name: id }).click();
    await page.getByRole("heading", { name: "last words" }).waitFor();
  },
  BROWSER_MS,
);

test(
  "the account tells its name and limits",
  async () => {
    await using page = await visit.open("account");
    await page.getByText("no limit").first().waitFor();
    expect(await page.locator("#content").innerText()).toContain(visit.edge.scene.one.id);
  },
  BROWSER_MS,
);

test.each(["nowhere", "overview/x", "domains/rd_1/x"])(
  "the address %s says that it leads nowhere",
  async (path) => {
    await using page = await visit.open(path);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "To the overview" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  },
  BROWSER_MS,
);

test.each(["rd_2MTGBfzZa0aXJjBBZzyEjHPmtxZ", "nonsense"])(
  "the domain %s says that it is not there",
  async (id) => {
    await using page = await visit.open(`domains/${id}`);
    await page.getByText("There is nothing with this ID").waitFor();
    visit.expectRefusal(404);
  },
  BROWSER_MS,
);

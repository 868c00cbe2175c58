/** Every kind of record is made, changed and deleted by hand. */
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";

const visit = DashboardVisit.forThisFile();
const ca = await createCa("Visitors", new Date());
const leaf = await issueLeaf(ca, ["files.example.com"], new Date());

interface Kind {
  readonly page: string;
  /** On the button that makes one. */
  readonly make: RegExp;
  readonly fill: (page: Page) => Promise<void>;
  /** What its row shows then. */
  readonly shown: RegExp;
  readonly deleting?: string;
  readonly hasToken?: boolean;
}

const KINDS: readonly Kind[] = [
  {
    page: "endpoints",
    make: /Create cloud endpoint/,
    fill: async (page) => {
      await page.getByLabel("URL", { exact: true }).fill("https://hello.e.test");
    },
    shown: /hello\.e\.test.*cloud/s,
  },
  {
    page: "domains",
    make: /Reserve domain/,
    fill: async (page) => {
      await page.getByLabel("Domain", { exact: true }).fill("www.example.com");
    },
    shown: /www\.example\.com.*\.cname\.e\.test.*by the edge/s,
  },
  {
    page: "tcp-addresses",
    make: /Reserve TCP address/,
    fill: async () => {},
    shown: /tcp\.e\.test:2000/,
    deleting: "Release",
  },
  {
    page: "certificates",
    make: /Upload certificate/,
    fill: async (page) => {
      await page
        .getByLabel("Certificate (PEM) from a file")
        .setInputFiles({ name: "chain.pem", mimeType: "text/plain", buffer: Buffer.from(leaf.certPem) });
      await page.getByLabel("Private key (PEM)", { exact: true }).fill(leaf.keyPem);
    },
    shown: /files\.example\.com/,
  },
  {
    page: "certificate-authorities",
    make: /Upload certificate authority/,
    fill: async (page) => {
      await page.getByLabel("Certificate (PEM)", { exact: true }).fill(ca.certPem);
    },
    shown: /Visitors/,
  },
  {
    page: "authtokens",
    make: /Create authtoken/,
    fill: async (page) => {
      await page.getByLabel("May bind (ACL)").fill("bind:*.apps.example.com\n\n bind:one.example.com");
    },
    shown: /bind:\*\.apps\.example\.com.*bind:one\.example\.com/s,
    hasToken: true,
  },
  { page: "api-keys", make: /Create API key/, fill: async () => {}, shown: /ak_/, hasToken: true },
  { page: "ip-policies", make: /Create IP policy/, fill: async () => {}, shown: /ipp_/ },
  {
    page: "ip-restrictions",
    make: /Create IP restriction/,
    fill: async (page) => {
      await page.getByLabel("Restricts").selectOption("agent");
      await page.getByLabel("Enforced").check();
      await page.getByLabel("the office").check();
    },
    shown: /agent.*enforced/s,
  },
];

describe.each(KINDS)("$page", ({ page: path, make, fill, shown, deleting = "Delete", hasToken = false }) => {
  test(
    "one is made, changed, and deleted when somebody says yes",
    async () => {
      await visit.edge.scene.create("ip_policies", { description: "the office" });
      await using page = await visit.open(path);
      await page.getByRole("button", { name: make }).click();
      await fill(page);
      await page.getByLabel("Description").fill("made by hand");
      await page.locator("dialog button[type=submit]").click();
      if (hasToken) await takeToken(page);
      const row = page.getByRole("row").filter({ hasText: "made by hand" });
      await row.waitFor();
      expect(await row.innerText()).toMatch(shown);

      await row.getByRole("button", { name: /^Edit / }).click();
      await page.getByLabel("Description").fill("changed by hand");
      await page.getByRole("button", { name: "Save" }).click();
      const changed = page.getByRole("row").filter({ hasText: "changed by hand" });
      await changed.waitFor();
      expect(await changed.innerText()).toMatch(shown);

      const remove = changed.getByRole("button", { name: new RegExp(`^${deleting} `) });
      await remove.click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await changed.waitFor();
      await page.locator(`:focus[aria-label^="${deleting} "]`).waitFor();
      await remove.click();
      await page.locator("dialog").getByRole("button", { name: deleting, exact: true }).click();
      await changed.waitFor({ state: "detached" });
      await page.locator("#page-title:focus").waitFor();
      await page.reload();
      await page.locator("#page-title").waitFor();
      await page.getByText("Loading").waitFor({ state: "detached" });
      expect(await page.getByText("changed by hand").count()).toBe(0);
    },
    BROWSER_MS,
  );

  test(
    "the page of one tells all about it, and is there under its own address",
    async () => {
      await visit.edge.addRecords();
      await using page = await visit.open(path);
      await page.locator(".record-link").first().click();
      await page.locator(".record-facts").waitFor();
      const address = page.url();
      expect(new URL(address).pathname).toMatch(new RegExp(`^/dashboard/${path}/[a-z]+_\\w{27}$`));
      await page
        .getByText(address.split("/").at(-1) ?? "")
        .first()
        .waitFor();
      await page.reload();
      await page.locator(".record-facts").waitFor();
      await page.goBack();
      await page.locator(".records").waitFor();
    },
    BROWSER_MS,
  );
});

/** The token that a dialog shows; afterwards it is nowhere. */
async function takeToken(page: Page): Promise<void> {
  const token = await page.getByLabel("Token", { exact: true }).inputValue();
  expect(token).toMatch(/^\w{27}_\w{21}$/);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.locator("dialog").getByText("Token copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(token);
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  expect(await page.content()).not.toContain(token);
}

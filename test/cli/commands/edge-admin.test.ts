/** `edge admin` inside this process, over a store in a folder. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock as clock } from "../../../src/base/clock.ts";
import { operatorAccount } from "../../../src/cli/edge/first-start.ts";
import { withEdgeStore } from "../../../src/cli/edge/store.ts";
import type { Store } from "../../../src/store/store.ts";
import { type CommandOutcome, runWords } from "../../support/api-command.ts";
import { oneOfEach, OPERATOR } from "../../support/store-records.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

/** Stores are opened, and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

class Scene implements Disposable {
  readonly #folder = new TemporaryFolder();

  admin(...words: readonly string[]): Promise<CommandOutcome> {
    return runWords(["edge", "admin", ...words, `--data=${this.#folder.path}`], { HOME: this.#folder.path });
  }

  withStore<R>(work: (store: Store) => Promise<R>): Promise<R> {
    const url = `sqlite://${this.#folder.file("ginnel.db")}`;
    const secretsKey = { file: this.#folder.file("secrets.key") };
    return withEdgeStore({ url, secretsKey }, { mayMake: true, clock }, work);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

describe("edge admin ip-restriction", () => {
  test("edge admin ip-restriction lists and deletes what keeps an account out", async () => {
    using scene = new Scene();
    const { account, ipPolicy, ipRestriction } = oneOfEach();
    await scene.withStore((store) =>
      store.change(OPERATOR, async (transaction) => {
        await transaction.insert("account", { ...account, name: "team" });
        await transaction.insert("ipPolicy", ipPolicy);
        await transaction.insert("ipRestriction", { ...ipRestriction, type: "api", description: "office" });
      }),
    );
    await scene.admin("account", "create", "--name=other");
    const { stdout } = await scene.admin("ip-restriction", "list", "--account=team");
    const [head, line, ...more] = stdout.split("\n");
    expect(head?.split(/ +/)).toEqual(["ID", "ACCOUNT", "MADE", "TYPE", "STATE", "POLICIES", "DESCRIPTION"]);
    expect(line).toMatch(new RegExp(`^${ipRestriction.id}  team +\\S+  api +enforced  ${ipPolicy.id}  office$`));
    expect(more).toEqual([""]);
    expect((await scene.admin("ip-restriction", "list", "--account=other")).stdout).not.toContain("ipx_");
    expect(await scene.admin("ip-restriction", "delete", ipRestriction.id)).toMatchObject({
      code: 0,
      joined: `Deleted the IP restriction ${ipRestriction.id} (type api)\n`,
    });
    expect(await scene.withStore((store) => store.all("ipRestriction"))).toEqual([]);
    const again = await scene.admin("ip-restriction", "delete", ipRestriction.id);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("'edge admin ip-restriction list' shows")]);
  });
});

describe("edge admin account delete", () => {
  test("edge admin account delete takes away a disabled account with what it has, and its name is free", async () => {
    using scene = new Scene();
    await scene.admin("account", "create", "--name=guests");
    await scene.admin("authtoken", "create", "--account=guests");
    const taken = await scene.admin("account", "create", "--name=guests");
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining("another account has the name guests")]);
    const enabled = await scene.admin("account", "delete", "guests");
    expect([enabled.code, enabled.stderr]).toEqual([1, expect.stringContaining("is enabled; disable it first")]);
    await scene.admin("account", "disable", "guests");
    const deleted = await scene.admin("account", "delete", "guests");
    expect([deleted.code, deleted.joined]).toEqual([0, "Account guests deleted (with authtokens=1)\n"]);
    expect((await scene.admin("account", "create", "--name=guests")).code).toBe(0);
    expect(await scene.withStore((store) => store.all("credential"))).toEqual([]);
  });

  test("edge admin account delete refuses the operator's account, disabled or not", async () => {
    using scene = new Scene();
    await scene.withStore((store) => operatorAccount(store, clock));
    await scene.admin("account", "disable", "operator");
    const { code, stderr } = await scene.admin("account", "delete", "operator");
    expect([code, stderr]).toEqual([1, expect.stringContaining("belongs to the edge and cannot be deleted")]);
  });
});

/**
 * Editing the configuration file without ever losing it: the editor gets a copy, and only what is in order, or what its author insists
 * on, takes the place of the file. Whatever does not is kept, and named.
 */
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import { readAgentFile } from "../config/agent-file.ts";
import { isThere, readText } from "../config/config-loader.ts";
import { replaceFile } from "../config/replace-file.ts";

const NEW_FILE = `version: "3"
agent:
  # authtoken: TOKEN
  # connect_url: tunnel.example.org:443
endpoints:
  # - name: web
  #   upstream:
  #     url: 8080
`;
const DRAFT_NAME_BYTES = 4;

export interface EditSurroundings {
  /** Opens the file in an editor; answers its exit code. */
  readonly edit: (file: string) => Promise<number>;
  /** Undefined when nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly print: (text: string) => Promise<void>;
}

/** Answers the exit code. Throws UsageError, which names the copy where there is something in it that the file has not. */
export async function editConfig(path: string, { edit, ask, print }: EditSurroundings): Promise<number> {
  const former = (await isThere(path)) ? await readText(path) : undefined;
  const draft = await makeDraft(path, former ?? NEW_FILE);
  for (;;) {
    const code = await edit(draft).catch(async (error: unknown) => {
      await rm(draft);
      throw error;
    });
    const text = await readText(draft, "edited copy");
    if (text === (former ?? NEW_FILE)) {
      await rm(draft);
      if (code !== 0) throw new UsageError(`The editor ended with code ${code}. The file is as it was: ${path}`);
      await print(`Nothing was changed: ${path}\n`);
      return 0;
    }
    if (code !== 0) throw new UsageError(`The editor ended with code ${code}.\n${keptAt(draft, path)}`);
    const problem = problemOf(path, text);
    const choice = problem === undefined ? "s" : await choose(problem, { ask, print });
    if (choice === "e") continue;
    if (choice !== "s") throw new UsageError(`${problem}\n${keptAt(draft, path)}`);
    await save(path, { former, text, draft });
    await print(`Configuration file saved: ${path}\n`);
    return 0;
  }
}

async function choose(problem: string, { ask, print }: Omit<EditSurroundings, "edit">): Promise<string> {
  await print(`${problem}\n`);
  for (;;) {
    const answer = await ask("Edit again (e), save it as it is (s), or leave the file alone (q)? ");
    const choice = (answer ?? "q").trim().toLowerCase().charAt(0);
    if (["e", "s", "q"].includes(choice)) return choice;
  }
}

/** Nobody else's change is written over. */
async function save(
  path: string,
  { former, text, draft }: { readonly former: string | undefined; readonly text: string; readonly draft: string },
): Promise<void> {
  const now = (await isThere(path)) ? await readText(path) : undefined;
  if (now !== former) throw new UsageError(`The file was changed by somebody else meanwhile.\n${keptAt(draft, path)}`);
  await replaceFile(path, text).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason}\n${keptAt(draft, path)}`, { cause: error });
  });
  await rm(draft);
}

function keptAt(draft: string, path: string): string {
  return `What you wrote is kept at ${draft}\nThe file is as it was: ${path}`;
}

/** The first fault, also inside a tunnel, as `config check` tells it. */
function problemOf(path: string, text: string): string | undefined {
  try {
    const { tunnels = new Map() } = readAgentFile(path, text);
    const faulty = [...tunnels.values()].map(({ definition }) => definition).find((each) => each instanceof UsageError);
    return faulty?.message;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Beside the file, which may hold secrets, and with an ending that editors know. */
async function makeDraft(path: string, text: string): Promise<string> {
  const real = await realpath(path).catch(() => path);
  const draft = join(dirname(real), `ginnel-edit-${randomHex(DRAFT_NAME_BYTES)}.yml`);
  try {
    await mkdir(dirname(draft), { recursive: true, mode: 0o700 });
    await writeFile(draft, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot make a copy of '${path}' to edit: ${reason}`, { cause: error });
  }
  return draft;
}

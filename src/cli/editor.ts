/** The user's editor, as a process that has the terminal until it ends. */
import { UsageError } from "../base/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Looked for in this order when nothing names one. */
const USUAL_EDITORS = ["nano", "vi"] as const;

/**
 * The command that opens a file, without the file: `VISUAL`, else `EDITOR`, which may hold words and quotes for a shell; else nano or
 * vi, and Notepad on Windows. `isThere` tells whether a program can be found. Throws UsageError when there is none.
 */
export function editorCommand(
  env: Environment,
  { platform, isThere }: { readonly platform: NodeJS.Platform; readonly isThere: (program: string) => boolean },
): readonly string[] {
  const named = [env["VISUAL"], env["EDITOR"]].find((text) => text !== undefined && text.trim() !== "");
  if (platform === "win32") return (named ?? "notepad").split(" ").filter((word) => word !== "");
  if (named !== undefined) return ["/bin/sh", "-c", `${named} "$@"`, named];
  const usual = USUAL_EDITORS.find(isThere);
  if (usual !== undefined) return [usual];
  throw new UsageError("There is no editor: set the variable EDITOR to the name of one.");
}

/** Opens the file and waits for the end of the editor, to which Ctrl+C belongs meanwhile. Answers its exit code. */
export async function edit(file: string, env: Environment): Promise<number> {
  const command = editorCommand(env, { platform: process.platform, isThere: (program) => Bun.which(program) !== null });
  using _ = leaveInterrupts();
  try {
    return await Bun.spawn([...command, file], { env, stdio: ["inherit", "inherit", "inherit"] }).exited;
  } catch (cause) {
    throw new UsageError(`Cannot run the editor '${command.join(" ")}': set EDITOR to one that is there.`, { cause });
  }
}

/** The terminal sends it to both processes; ours has to stay and look at what was written. */
function leaveInterrupts(): Disposable {
  const former = process.listeners("SIGINT");
  const ignore = (): void => {};
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", ignore);
  return {
    [Symbol.dispose]() {
      process.off("SIGINT", ignore);
      for (const listener of former) process.on("SIGINT", listener);
    },
  };
}

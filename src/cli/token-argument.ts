/** A token on the command line that is to be saved: what no edge could take is refused before anything is written. */
import { PublicError, UsageError } from "../base/errors.ts";
import { tokenFault } from "../model/access-token.ts";

const REFUSALS = {
  authtoken: "ERR_NGROK_105",
  "API key": "ERR_NGROK_202",
} as const;

/** The token as it was given. @throws UsageError, which never repeats it, with what an edge would have refused it with */
export function tokenArgument(what: keyof typeof REFUSALS, token: string): string {
  const fault = tokenFault(token);
  if (fault === undefined) return token;
  const cause = new PublicError(REFUSALS[what], {});
  throw new UsageError(`The ${what} ${fault}, so it cannot be one. Nothing was saved.`, { cause });
}

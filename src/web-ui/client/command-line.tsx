import { copy } from "./copy.ts";

/** A command for a terminal, to be copied. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <p class="command">
      <code>{command}</code>
      <button type="button" class="button" aria-label="Copy the command" onClick={() => copy(command, "Command")}>
        Copy
      </button>
    </p>
  );
}

/** The environment of a program that runs from its sources with a home of its own. */
export function agentEnvironment(home: string): Readonly<Record<string, string | undefined>> {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    // For root it would not be in the home.
    XDG_STATE_HOME: home,
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
  };
}

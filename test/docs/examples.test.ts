/**
 * What documentation shows is what the program takes: files in blocks of `yaml agent`, `yaml edge` and `yaml policy`, commands in blocks of `sh`, and
 * the whole conversation in blocks of `console run`.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { edgeSettingsOf } from "../../src/cli/edge/flags.ts";
import { endpointDefinition } from "../../src/cli/endpoint-definition.ts";
import { reachableCommands } from "../../src/cli/reachable-commands.ts";
import { buildAgentConfig, tunnelsToStart } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { buildEdgeConfig } from "../../src/config/edge-config.ts";
import { edgeLayerOfFlags, readEdgeFile } from "../../src/config/edge-layer.ts";
import { trafficPolicySteps } from "../../src/policy/traffic-policy/traffic-policy.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { type Block, blocksOf, PAGES, readPage } from "./page.ts";
import { shellWords } from "./shell-words.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

interface Example extends Block {
  readonly page: string;
}

const examples: readonly Example[] = (await Promise.all(PAGES.map(examplesOf))).flat();

async function examplesOf(page: string): Promise<readonly Example[]> {
  return blocksOf(await readPage(page)).map(({ language, mark, text }) => ({ page, language, mark, text }));
}

function marked(language: string, mark: string): readonly (readonly [name: string, text: string])[] {
  return examples
    .filter((example) => example.language === language && example.mark === mark)
    .map(({ page, text }, index) => [`${page} ${index + 1}`, text] as const);
}

const commands = examples
  .filter(({ language }) => language === "sh")
  .flatMap(({ page, text }) => text.split("\n").map((line) => [page, line.trim()] as const))
  .filter(([, line]) => /^(?:sudo )?(?:ginnel|\.\/scripts\/start|\.\/dist\/ginnel) /.test(line));

const TABLE = await reachableCommands(["api"]);
const HERE = { platform: "linux", environment: {}, home: "/home/ann", isRoot: false } as const;

describe("the examples", () => {
  test.each(marked("yaml", "agent"))("in %s are files of the agent whose tunnels can start", (_, text) => {
    const files = [{ path: "ginnel.yml", settings: readAgentFile("ginnel.yml", text) }];
    const config = buildAgentConfig({ files, environment: {}, flags: {}, variables: {} });
    expect(tunnelsToStart(config, config.tunnels.keys())).toHaveLength(config.tunnels.size);
  });

  test.each(marked("yaml", "edge"))("in %s are files of the edge", (_, text) => {
    expect(buildEdgeConfig([readEdgeFile("edge.yml", text)], HERE).domains).not.toEqual([]);
  });

  test.each(marked("yaml", "policy"))("in %s are traffic policies", (_, text) => {
    const { connect, request, response } = trafficPolicySteps(text, { protocol: "https" });
    expect(connect.length + request.length + response.length).toBeGreaterThan(0);
  });

  test.each(commands)("in %s are commands: %s", (_, line) => {
    const [, ...args] = shellWords(line.replace(/^sudo /, ""));
    const invocation = parseCommandLine(args, "ginnel", TABLE);
    const { command } = invocation;
    if (command === "http" || command === "tcp" || command === "tls") {
      expect(endpointDefinition(invocation, ["https"]).name).toBe("command_line");
    } else if (command === "edge") {
      expect(buildEdgeConfig([edgeLayerOfFlags(edgeSettingsOf(invocation.flags))], HERE).domains).not.toEqual([]);
    } else {
      expect(args.join(" ")).toStartWith(command);
    }
  });

  test.each(marked("console", "run"))("in %s are what the program prints", async (_, text) => {
    using folder = new TemporaryFolder();
    const printed: string[] = [];
    for (const [, line = ""] of text.matchAll(/^\$ ginnel (.*)$/gm)) {
      const { stdout, stderr } = await runProgram(line, { home: folder.path });
      printed.push(`$ ginnel ${line}\n${stdout}${stderr}`);
    }
    expect(printed.join("").trimEnd()).toBe(text.trimEnd());
  });

  test("are there, of every kind", () => {
    const files = ["agent", "edge", "policy"].map((mark) => marked("yaml", mark));
    const kinds = [...files, commands, marked("console", "run")];
    expect(kinds.filter((found) => found.length === 0)).toEqual([]);
  });

  test("say what they are: no yaml is left out", () => {
    expect(examples.filter(({ language, mark }) => language === "yaml" && mark === "")).toEqual([]);
  });
});

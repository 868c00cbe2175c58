/** Certificates that visitors show, and the authorities that signed them; made by openssl for one run of the tests. */
import { openssl } from "./openssl.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import type { TestIdentity } from "./test-certificates.ts";

export interface ClientIdentities {
  readonly caPem: string;
  /** Signed by `ca`, and an authority itself. */
  readonly intermediatePem: string;
  readonly otherCaPem: string;
  readonly good: TestIdentity;
  readonly expired: TestIdentity;
  /** For servers only. */
  readonly server: TestIdentity;
  /** Signed by the intermediate authority, whose certificate follows it. */
  readonly below: TestIdentity;
  /** Signed by the other authority. */
  readonly foreign: TestIdentity;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const AUTHORITY = "basicConstraints=critical,CA:TRUE";
const CLIENT = "extendedKeyUsage=clientAuth";

export async function makeClientIdentities(): Promise<ClientIdentities> {
  using folder = new TemporaryFolder();
  const cwd = folder.path;
  const read = (name: string): Promise<string> => Bun.file(folder.file(name)).text();
  const identity = async (name: string): Promise<TestIdentity> => ({
    certPem: await read(`${name}.crt`),
    keyPem: await read(`${name}.key`),
  });
  const root = (name: string): Promise<string> =>
    openssl(
      [
        "req",
        "-x509",
        ...KEY,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
        "-days",
        "2",
        "-subj",
        `/CN=${name}`,
      ].concat("-addext", AUTHORITY),
      { cwd },
    );
  const signed = async (name: string, by: string, extension: string, days = 2): Promise<TestIdentity> => {
    await Bun.write(folder.file(`${name}.ext`), `${extension}\n`);
    await openssl(["req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`], { cwd });
    const authority = [
      "-CA",
      `${by}.crt`,
      "-CAkey",
      `${by}.key`,
      "-set_serial",
      String(Math.floor(Math.random() * 1e9)),
    ];
    const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.ext`, "-days", String(days)];
    await openssl(["x509", "-req", ...authority, ...files], { cwd });
    return identity(name);
  };
  await Promise.all([root("ca"), root("other")]);
  const intermediate = await signed("intermediate", "ca", AUTHORITY);
  const [good, expired, server, below, foreign] = await Promise.all([
    signed("good", "ca", CLIENT),
    signed("expired", "ca", CLIENT, -1),
    signed("server", "ca", "extendedKeyUsage=serverAuth"),
    signed("below", "intermediate", CLIENT),
    signed("foreign", "other", CLIENT),
  ]);
  return {
    caPem: await read("ca.crt"),
    intermediatePem: intermediate.certPem,
    otherCaPem: await read("other.crt"),
    good,
    expired,
    server,
    below: { ...below, certPem: below.certPem + intermediate.certPem },
    foreign,
  };
}

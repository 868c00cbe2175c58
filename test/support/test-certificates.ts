/** Certificates made by openssl for one run of the tests. */
import { openssl } from "./openssl.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

export interface TestIdentity {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface TestCertificates {
  readonly caPem: string;
  /** Signed by the authority for `good.test`, `127.0.0.1` and `::1`. */
  readonly server: TestIdentity;
  /** The same, but its time is over. */
  readonly expired: TestIdentity;
  /** A client's, signed by the authority. */
  readonly client: TestIdentity;
  /** Signed by itself, for `good.test`. */
  readonly stranger: TestIdentity;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const NAMES = "subjectAltName=DNS:good.test,IP:127.0.0.1,IP:::1\n";

export async function makeTestCertificates(): Promise<TestCertificates> {
  using folder = new TemporaryFolder();
  const cwd = folder.path;
  const read = (name: string): Promise<string> => Bun.file(folder.file(name)).text();

  async function selfSigned(name: string, ...extensions: string[]): Promise<TestIdentity> {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    await openssl(["req", "-x509", ...NEW_KEY, ...files, "-days", "2", "-subj", `/CN=${name}`, ...added], { cwd });
    return { certPem: await read(`${name}.crt`), keyPem: await read(`${name}.key`) };
  }

  async function signed(name: string, days: number): Promise<TestIdentity> {
    await openssl(["req", ...NEW_KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`], {
      cwd,
    });
    const authority = ["-CA", "authority.crt", "-CAkey", "authority.key", "-set_serial", String(days + 10)];
    const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", "names"];
    await openssl(["x509", "-req", ...authority, ...files, "-days", String(days)], { cwd });
    return { certPem: await read(`${name}.crt`), keyPem: await read(`${name}.key`) };
  }

  const [authority, stranger] = await Promise.all([
    selfSigned("authority", "basicConstraints=critical,CA:TRUE"),
    selfSigned("stranger", NAMES.trim()),
    Bun.write(folder.file("names"), NAMES),
  ]);
  const [server, expired, client] = await Promise.all([
    signed("server", 2),
    signed("expired", -1),
    signed("client", 3),
  ]);
  return { caPem: authority.certPem, server, expired, client, stranger };
}

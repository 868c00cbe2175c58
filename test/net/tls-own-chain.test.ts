/** What a visitor is shown with a leaf that came without its chain, in a process whose host knows the issuer. */
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { certificates } from "../support/tls-pair.ts";

const CONTEXT = fileURLToPath(new URL("../../src/net/tls-context.ts", import.meta.url));

/** Prints whether the issuer came with the certificate. */
const SHOW = `
import { once } from "node:events";
import { connect, createServer } from "node:tls";
const { serverTlsContext } = await import(process.env.CONTEXT);
const identity = JSON.parse(process.env.IDENTITY);
const { secure } = serverTlsContext(identity);
const server = createServer({ SNICallback: (_, done) => done(null, secure) }).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address();
// One that has nothing of its own to complete the chain with.
const visitor = connect({ port, host: "127.0.0.1", servername: "good.test", ca: identity.certPem, rejectUnauthorized: false });
await once(visitor, "secureConnect");
const shown = visitor.getPeerCertificate(true);
console.log(shown.issuerCertificate !== undefined && shown.issuerCertificate !== shown);
process.exit(0);
`;

test.each([
  ["the issuer that the host knows with", undefined, "true"],
  ["nothing with", true, "false"],
])("serverTlsContext sends %s a lone leaf, sent alone: %p", async (_, isSentAlone, shown) => {
  using folder = new TemporaryFolder();
  await Bun.write(folder.file("ca.pem"), certificates.caPem);
  await Bun.write(folder.file("show.ts"), SHOW);
  const IDENTITY = JSON.stringify({ ...certificates.server, isSentAlone });
  const child = Bun.spawn([process.execPath, folder.file("show.ts")], {
    env: { ...process.env, CONTEXT, IDENTITY, SSL_CERT_FILE: folder.file("ca.pem") },
    stderr: "inherit",
  });
  expect((await new Response(child.stdout).text()).trim()).toBe(shown);
  await child.exited;
});

/** Where a traffic policy may be fetched from: what decides about visitors must not be changed on its way. */

/** As the WHATWG writes them. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Why a policy may not come from this URL, to stand behind its name; `undefined` when it may. Repeats nothing of the URL. */
export function policyUrlFault(text: string): string | undefined {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (url === null || !isSafe) return "has to be an https URL";
  return url.username === "" && url.password === "" ? undefined : "may not hold a password";
}

import { tunnels } from "../data/agent.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { PublicUrl } from "../../../../web-ui/client/public-url.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { latin1Bytes } from "../../body/raw-message.ts";
import { shellWord } from "../../body/shell-word.ts";
import { copy } from "../../../../web-ui/client/copy.ts";

export interface EmptyPageProps {
  readonly isLoaded: boolean;
  /** Nothing has been captured. */
  readonly isEmpty: boolean;
}

/** Beside the list while no exchange is chosen: where to send the first request, or how to go on. */
export function EmptyPage({ isLoaded, isEmpty }: EmptyPageProps) {
  const running = useSubject(tunnels);
  if (!isLoaded) return <section class="empty" aria-label="Loading" />;
  if (!isEmpty) {
    return (
      <section class="empty" aria-labelledby="empty-title">
        <h2 id="empty-title">Choose a request</h2>
        <p>
          Click one, or walk with <kbd>↓</kbd> and <kbd>↑</kbd>. <kbd>?</kbd> tells all keys.
        </p>
      </section>
    );
  }
  const captured = running.filter(({ config }) => config.inspect);
  return (
    <section class="empty empty-first" aria-labelledby="empty-title">
      <h2 id="empty-title">Waiting for the first request</h2>
      {captured.length === 0 ? (
        <p>No tunnel is running whose requests are captured.</p>
      ) : (
        <>
          <p>Whatever is sent to {captured.length === 1 ? "this address" : "these addresses"} shows up here at once.</p>
          <ul class="empty-urls">
            {captured.map(({ name, public_url: url }) => (
              <li key={name}>
                <PublicUrl url={url} />
                <button
                  type="button"
                  class="button"
                  aria-label={`Copy ${visibleText(url)}`}
                  onClick={() => copy(url, "URL")}
                >
                  Copy
                </button>
              </li>
            ))}
          </ul>
          <CurlLine urls={captured.map(({ public_url: url }) => url)} />
        </>
      )}
    </section>
  );
}

/** Of an edge with a certificate authority of its own curl believes nothing, so it goes over http where that is open. */
function CurlLine({ urls }: { readonly urls: readonly string[] }) {
  const url = urls.find((one) => one.startsWith("http:")) ?? urls[0];
  if (url === undefined) return null;
  const command = `curl -i ${shellWord(latin1Bytes(`${url}/hello`))}`;
  return (
    <>
      <p>From a terminal:</p>
      <CommandLine command={command} />
    </>
  );
}

import { feedState } from "../data/agent.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";

/** Says, as long as the agent does not answer, how old what is shown may be. */
export function LostAgent() {
  const feed = useSubject(feedState);
  return (
    <div role="status">
      {feed === "lost" && (
        <p class="lost-agent">
          The agent does not answer: it may have been stopped. What is shown here is the last that it told; the page
          goes on trying.
        </p>
      )}
    </div>
  );
}

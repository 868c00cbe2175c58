/** The first stop of the keyboard: past the navigation. */
export function SkipLink() {
  return (
    <a class="skip" href="#content">
      Skip to the content
    </a>
  );
}

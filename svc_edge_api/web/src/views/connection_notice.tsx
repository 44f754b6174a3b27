/** Says when the screen is behind, and what to do when the sign-in is over. */
import type { Connection } from "../api/follow";
import { signOut } from "../session";

export function ConnectionNotice(props: { connection: Connection }) {
  const { connection } = props;
  switch (connection.kind) {
    case "reconnecting":
      return (
        <p class="notice" role="status">
          {connection.offline
            ? "You're offline. What you see may be out of date."
            : "Connection lost. Reconnecting — what you see may be out of date."}
        </p>
      );
    case "expired":
      return (
        <p class="notice final" role="alert">
          Your sign-in has expired. Scan the QR code on the gym's screen again, or open a new link.
          <button type="button" onClick={() => signOut("Your sign-in has expired.")}>Sign in again</button>
        </p>
      );
    case "refused":
      return (
        <p class="notice final" role="alert">
          {connection.message || "This sign-in doesn't allow that."}
          <button type="button" onClick={() => signOut()}>Use another sign-in</button>
        </p>
      );
    default:
      return null;
  }
}
